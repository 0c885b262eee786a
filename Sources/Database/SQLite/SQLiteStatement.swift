import CSQLite

/// A compiled statement. It keeps no arguments and no open cursor between two runs.
final class SQLiteStatement {
    private let sql: String
    private let connection: OpaquePointer
    private let handle: OpaquePointer
    private var columns: [String: Int] = [:]
    private var compilations: Int32 = -1

    /// Compiles the one statement of a text.
    ///
    /// - Throws: ``DatabaseError``.
    init(_ sql: String, on connection: OpaquePointer) throws {
        var compiled: OpaquePointer?
        var isComplete = true
        let code = sql.withCString { text in
            var rest: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v3(
                connection, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, &rest)
            isComplete = rest.map { String(cString: $0).allSatisfy { $0.isWhitespace || $0 == ";" } } ?? true
            return code
        }
        guard code == SQLITE_OK else { throw DatabaseError(sqlite: code, connection, sql: sql) }
        guard let compiled, isComplete else {
            sqlite3_finalize(compiled)
            throw DatabaseError(.invalidStatement, "the text does not hold exactly one statement", sql: sql)
        }
        self.sql = sql
        self.connection = connection
        handle = compiled
    }

    deinit { sqlite3_finalize(handle) }

    /// Whether it leaves the database as it is.
    var isReadOnly: Bool { sqlite3_stmt_readonly(handle) != 0 }

    /// Runs it to its end.
    ///
    /// - Throws: ``DatabaseError``.
    func rows(_ arguments: [any SQLConvertible]) throws -> [SQLRow] {
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        try bind(arguments)
        var rows: [SQLRow] = []
        while true {
            let code = sqlite3_step(handle)
            if code == SQLITE_DONE { return rows }
            guard code == SQLITE_ROW else { throw DatabaseError(sqlite: code, connection, sql: sql) }
            if rows.isEmpty { updateColumns() }
            rows.append(SQLRow(columns: columns, values: try (0..<sqlite3_column_count(handle)).map(value)))
        }
    }

    private func bind(_ arguments: [any SQLConvertible]) throws {
        let expected = sqlite3_bind_parameter_count(handle)
        guard expected == arguments.count else {
            throw DatabaseError(
                .invalidStatement, "the statement takes \(expected) arguments, not \(arguments.count)", sql: sql)
        }
        for (index, argument) in zip(Int32(1)..., arguments) {
            let code =
                switch argument.sqlValue {
                case .null: sqlite3_bind_null(handle, index)
                case .integer(let integer): sqlite3_bind_int64(handle, index, integer)
                case .real(let number): sqlite3_bind_double(handle, index, number)
                case .text(var text):
                    text.withUTF8 { utf8 in
                        utf8.withMemoryRebound(to: CChar.self) {
                            csqlite_bind_text(handle, index, $0.baseAddress, UInt64($0.count))
                        }
                    }
                case .blob(let bytes):
                    bytes.withUnsafeBytes { csqlite_bind_blob(handle, index, $0.baseAddress, UInt64($0.count)) }
                }
            guard code == SQLITE_OK else { throw DatabaseError(sqlite: code, connection, sql: sql) }
        }
    }

    /// Reads the columns' names, again after SQLite compiled the statement again for another schema.
    private func updateColumns() {
        let compilations = sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_REPREPARE, 0)
        guard compilations != self.compilations else { return }
        self.compilations = compilations
        let names = (0..<sqlite3_column_count(handle))
            .map { index in
                sqlite3_column_name(handle, index).map { String(cString: $0) } ?? ""
            }
        columns = Dictionary(zip(names, 0...)) { first, _ in first }
    }

    private func value(at index: Int32) throws -> SQLValue {
        switch sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER:
            return .integer(sqlite3_column_int64(handle, index))
        case SQLITE_FLOAT:
            return .real(sqlite3_column_double(handle, index))
        case SQLITE_TEXT:
            // The pointer first: the length is of what the pointer was made for (sqlite.org, "sqlite3_column_blob").
            let text = sqlite3_column_text(handle, index)
            let utf8 = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(handle, index)))
            if text == nil { throw DatabaseError(sqlite: SQLITE_NOMEM, connection, sql: sql) }
            // A repaired text would be another one.
            guard let valid = String(validating: utf8, as: UTF8.self) else {
                throw DatabaseError(
                    .invalidColumn, "a column holds text that is not valid UTF-8", sql: sql)
            }
            return .text(valid)
        case SQLITE_BLOB:
            let bytes = sqlite3_column_blob(handle, index)
            return .blob(Array(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(handle, index)))))
        default:
            return .null
        }
    }
}

/// The statements used last. Compiling one takes longer than most runs of it.
final class SQLiteStatementCache {
    private static let capacity = 64

    private var statements: [String: (statement: SQLiteStatement, lastUse: UInt64)] = [:]
    private var uses: UInt64 = 0

    /// Returns a cached statement, or compiles and keeps it; the one not used for longest makes room.
    ///
    /// - Throws: what `compile` throws.
    func statement(_ sql: String, compile: (String) throws -> SQLiteStatement) rethrows -> SQLiteStatement {
        uses += 1
        if let cached = statements[sql]?.statement {
            statements[sql]?.lastUse = uses
            return cached
        }
        let compiled = try compile(sql)
        if statements.count >= Self.capacity, let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            statements[oldest.key] = nil
        }
        statements[sql] = (compiled, uses)
        return compiled
    }

    /// Drops all statements, which a connection does before it closes.
    func removeAll() { statements = [:] }
}
