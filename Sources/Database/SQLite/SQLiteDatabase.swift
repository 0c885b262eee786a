import SystemPackage

/// A database in a file, over the system's SQLite: one connection, used on a queue of its own.
actor SQLiteDatabase: SQLDatabase {
    private let executor = QueueExecutor(label: "larkimg.database")
    private var connection: SQLiteConnection?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init() {}

    /// Opens a file, as ``DatabaseFile/open(inspect:)`` describes.
    static func open(
        _ file: DatabaseFile, inspect: @Sendable (any SQLConnection) throws -> Void
    ) async throws -> SQLiteDatabase {
        let database = SQLiteDatabase()
        try await database.connect(file, inspect: inspect)
        return database
    }

    private func connect(_ file: DatabaseFile, inspect: @Sendable (any SQLConnection) throws -> Void) throws {
        let connection = try SQLiteConnection(file)
        // In one transaction: between two looks of its own, another process could create its schema.
        try connection.transaction(.deferred, inspect)
        try connection.configure(file)
        try connection.transaction(.deferred) { _ in try connection.checkLength(of: file.path) }
        self.connection = connection
    }

    func read<Result: Sendable>(_ body: @Sendable (any SQLConnection) throws -> Result) throws -> Result {
        try connected().transaction(.deferred, body)
    }

    func write<Result: Sendable>(_ body: @Sendable (any SQLConnection) throws -> Result) throws -> Result {
        try connected().transaction(.immediate, body)
    }

    func backup(to file: FilePath) throws {
        try connected().backup(to: SQLiteConnection(DatabaseFile(file)))
    }

    func close() { connection = nil }

    private func connected() throws -> SQLiteConnection {
        guard let connection else { throw DatabaseError(.cannotOpen, "the database is closed") }
        return connection
    }
}
