/// A failure of the database.
///
/// It never holds a statement's arguments or a stored value, so it can be logged.
package struct DatabaseError: Error, Sendable, CustomStringConvertible {
    /// What went wrong.
    package enum Code: String, Sendable, CaseIterable {
        /// Another connection held the lock for too long.
        case busy
        /// The disk, or the space allowed, is full.
        case full
        /// The operating system failed to read or write.
        case ioError
        /// There was not enough memory.
        case outOfMemory
        /// The file is damaged.
        case corrupt
        /// The file is not a database.
        case notADatabase
        /// The database, the file or the transaction does not allow changes.
        case readOnly
        /// The database cannot be opened, or was closed.
        case cannotOpen
        /// A constraint of the schema does not allow the change.
        case constraint
        /// The task was cancelled.
        case interrupted
        /// A column is missing, or its value does not have the expected type.
        case invalidColumn
        /// The statement is wrong, or does not fit the schema.
        case invalidStatement
        /// Anything else.
        case other
    }

    /// What went wrong.
    package let code: Code

    /// What the engine said, in English.
    package let message: String

    /// The engine's own code, such as SQLite's extended result code; 0 for a failure found here.
    package let engineCode: Int32

    /// The statement that failed, without its arguments.
    package let sql: String?

    /// Creates an error.
    package init(_ code: Code, _ message: String, engineCode: Int32 = 0, sql: String? = nil) {
        self.code = code
        self.message = message
        self.engineCode = engineCode
        self.sql = sql
    }

    /// One line: the message and the engine's code.
    package var description: String { engineCode == 0 ? message : "\(message) (result code \(engineCode))" }
}
