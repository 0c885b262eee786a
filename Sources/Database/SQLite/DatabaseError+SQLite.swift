import CSQLite

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
