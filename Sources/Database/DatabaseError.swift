import CSQLite

/// A failure of the database.
///
/// It never holds a statement's arguments or a stored value, so it can be logged.
package struct DatabaseError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
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

    /// The kind of failure.
    package let code: Code

    /// The engine's message, in English.
    package let message: String

    /// SQLite's extended result code; 0 for a failure found here and for PostgreSQL, whose SQLSTATE is in the message.
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

extension DatabaseError {
    /// Creates an error from a result code and what the connection says about it.
    init(sqlite code: Int32, _ connection: OpaquePointer, sql: String? = nil) {
        let extended = sqlite3_extended_errcode(connection)
        // The connection may remember another call's error.
        let engineCode = extended & 0xFF == code & 0xFF ? extended : code
        let text = engineCode == extended ? sqlite3_errmsg(connection) : sqlite3_errstr(code)
        self.init(
            Code(sqlite: code), text.map { String(cString: $0) } ?? "SQLite failed", engineCode: engineCode, sql: sql)
    }
}

extension DatabaseError.Code {
    /// sqlite.org, "Result and Error Codes": the low byte is the primary code.
    fileprivate init(sqlite code: Int32) {
        self =
            switch code & 0xFF {
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_FULL: .full
            case SQLITE_IOERR: .ioError
            case SQLITE_NOMEM: .outOfMemory
            case SQLITE_CORRUPT: .corrupt
            case SQLITE_NOTADB: .notADatabase
            case SQLITE_READONLY: .readOnly
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: .cannotOpen
            case SQLITE_CONSTRAINT, SQLITE_MISMATCH: .constraint
            case SQLITE_INTERRUPT: .interrupted
            case SQLITE_ERROR, SQLITE_MISUSE, SQLITE_RANGE, SQLITE_TOOBIG: .invalidStatement
            default: .other
            }
    }
}
