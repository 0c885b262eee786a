import CSQLite
import Glibc
import SystemPackage

/// A connection to a file. All calls come from one queue, so SQLite needs no mutex of its own.
final class SQLiteConnection {
    /// What a transaction may do.
    enum Transaction: String {
        case deferred = "BEGIN DEFERRED"
        case immediate = "BEGIN IMMEDIATE"
    }

    let handle: OpaquePointer
    private let statements = SQLiteStatementCache()
    private let busyHandler: SQLiteBusyHandler
    private var isReading = false

    /// Opens a file without reading or changing it.
    ///
    /// - Throws: ``DatabaseError``.
    init(_ file: DatabaseFile) throws {
        busyHandler = SQLiteBusyHandler(timeout: file.busyTimeout)
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOFOLLOW
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(try Self.resolved(file.path), &opened, flags, nil)
        guard let opened else { throw DatabaseError(.outOfMemory, "the database cannot be opened: out of memory") }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        guard code == SQLITE_OK else {
            let error = DatabaseError(sqlite: code, handle)
            sqlite3_close_v2(handle)
            throw error
        }
        // The file is data: it must not be able to run functions, or to be changed past SQL.
        csqlite_set_option(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
        csqlite_set_option(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
        busyHandler.install(on: handle)
    }

    deinit {
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// The path with links in its directory followed: SQLite refuses links in any part, we only in the last one.
    private static func resolved(_ path: FilePath) throws -> String {
        guard let name = path.lastComponent else { throw DatabaseError(.cannotOpen, "the path names no file") }
        let parent = path.removingLastComponent()
        guard let directory = realpath(parent.isEmpty ? "." : parent.string, nil) else {
            throw DatabaseError(.cannotOpen, "the directory cannot be opened: \(Errno(rawValue: errno))")
        }
        defer { free(directory) }
        return "\(String(cString: directory))/\(name.string)"
    }

    /// Sets what the file's description says.
    ///
    /// - Throws: ``DatabaseError``.
    func configure(_ file: DatabaseFile) throws {
        try run("PRAGMA synchronous = \(file.durability == .full ? "FULL" : "OFF")")
        try run("PRAGMA secure_delete = \(file.overwritesDeletedRows ? "ON" : "OFF")")
        try run("PRAGMA foreign_keys = ON")
        try run("PRAGMA journal_mode = TRUNCATE")
    }

    /// SQLite notices that pages are missing only when it needs them.
    ///
    /// - Throws: ``DatabaseError`` `corrupt`.
    func checkLength(of path: FilePath) throws {
        let pages: Int = try value("PRAGMA page_count") ?? 0
        let pageSize: Int = try value("PRAGMA page_size") ?? 0
        var status = stat()
        let (length, isOverflow) = pages.multipliedReportingOverflow(by: pageSize)
        guard !isOverflow, stat(path.string, &status) == 0, Int(status.st_size) >= length else {
            throw DatabaseError(.corrupt, "the file is cut short")
        }
    }

    /// Runs a body in a transaction, which is rolled back when the body throws.
    ///
    /// - Throws: ``DatabaseError``; `CancellationError`; what the body throws.
    func transaction<Result>(_ kind: Transaction, _ body: (any SQLConnection) throws -> Result) throws -> Result {
        try Task.checkCancellation()
        isReading = kind == .deferred
        setInterruptible(isReading)
        defer {
            isReading = false
            setInterruptible(false)
        }
        do {
            try run(kind.rawValue)
            let result = try body(self)
            try run("COMMIT")
            return result
        } catch {
            rollBack()
            if let error = error as? DatabaseError, error.endsWithTask, Task.isCancelled { throw CancellationError() }
            throw error
        }
    }

    /// Lets a cancelled task end its statement.
    ///
    /// SQLite asks the task itself, on its own thread, every thousand steps. Unlike `sqlite3_interrupt` from outside,
    /// that cannot come too early, between two statements, or too late, in the next task's statement.
    private func setInterruptible(_ isInterruptible: Bool) {
        guard isInterruptible else { return sqlite3_progress_handler(handle, 0, nil, nil) }
        sqlite3_progress_handler(handle, 1000, { _ in Task.isCancelled ? 1 : 0 }, nil)
    }

    private func rollBack() {
        setInterruptible(false)
        // After some errors SQLite has rolled back by itself. A failing rollback still ends the transaction.
        guard sqlite3_get_autocommit(handle) == 0 else { return }
        sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
    }

    /// Runs a statement of the connection's own.
    private func run(_ sql: String) throws { _ = try statement(sql).rows([]) }

    private func statement(_ sql: String) throws -> SQLiteStatement {
        try statements.statement(sql) { try SQLiteStatement($0, on: handle) }
    }

    /// The statement, if the transaction allows it.
    private func allowedStatement(_ sql: String) throws -> SQLiteStatement {
        let statement = try statement(sql)
        guard !isReading || statement.isReadOnly else {
            throw DatabaseError(.readOnly, "a transaction that reads cannot write", sql: sql)
        }
        return statement
    }
}

extension SQLiteConnection: SQLConnection {
    func rows(_ sql: String, _ arguments: [any SQLConvertible]) throws -> [SQLRow] {
        try allowedStatement(sql).rows(arguments)
    }

    func execute(_ sql: String, _ arguments: [any SQLConvertible]) throws -> Int {
        _ = try allowedStatement(sql).rows(arguments)
        return Int(sqlite3_changes64(handle))
    }

    func executeScript(_ sql: String) throws {
        guard !isReading else { throw DatabaseError(.readOnly, "a transaction that reads cannot run a script") }
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw DatabaseError(sqlite: code, handle) }
    }
}

extension DatabaseError {
    /// Whether it is how a wait or a statement ends when its task is cancelled.
    fileprivate var endsWithTask: Bool { code == .busy || code == .interrupted }
}
