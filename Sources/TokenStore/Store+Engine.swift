import Database

extension Store {
    /// The version of the library that reads and writes stores in files.
    package static var sqliteVersion: String { SQLiteLibrary.version }
}
