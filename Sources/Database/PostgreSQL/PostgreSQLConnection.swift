#if PostgreSQL
import CPostgreSQL

/// A connection to a PostgreSQL server, over libpq. All calls come from one queue.
final class PostgreSQLConnection {
    /// What a transaction may do.
    enum Transaction: Equatable {
        /// One snapshot, which the first statement takes.
        case read
        /// Changes, one transaction at a time of those with the same lock: an advisory lock, which the transaction takes
        /// first, as SQLite's writers do. It ends with the transaction, also behind PgBouncer. A lock on a table could
        /// wait for a reader.
        case write(lock: Int64)

        /// A transaction that may change anything: "larkimg".
        static let write = Transaction.write(lock: 0x6C_61_72_6B_69_6D_67)

        /// A transaction that changes the rows of a name. Two names with the same hash (FNV-1a) only wait for each other.
        /// It does not wait for the disk or for standbys.
        static func write(rowsOf name: String) -> Transaction {
            let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            return .write(lock: Int64(bitPattern: hash))
        }
    }

    /// How long the server keeps a transaction whose client sends nothing: a host that vanished must not keep the
    /// write lock until TCP gives up.
    private static let idleTimeout = Duration.seconds(15)

    let handle: OpaquePointer
    private let busyTimeout: Duration

    /// Whether a cancelled task ends the statement that runs.
    var isCancellable = false

    /// When the statement that runs was cancelled.
    var cancelledAt: ContinuousClock.Instant?

    /// Whether the server's answers can no longer be told apart.
    var isAbandoned = false

    /// The error after which the server refuses the transaction's other statements, which then throw it too.
    private var failure: DatabaseError?

    /// Connects to the first host that answers and fits.
    ///
    /// - Throws: ``DatabaseError`` `cannotOpen`; `CancellationError`.
    init(_ address: PostgreSQLAddress) throws {
        handle = try Self.connected(to: address)
        busyTimeout = address.busyTimeout
    }

    deinit { PQfinish(handle) }

    /// Whether it cannot be used any more.
    var isBroken: Bool { isAbandoned || PQstatus(handle) != CONNECTION_OK }

    /// Begins a transaction in one round trip. `SET LOCAL` ends with it.
    ///
    /// A cancelled task does not wait for the lock.
    ///
    /// - Throws: ``DatabaseError``; `CancellationError`.
    func begin(_ kind: Transaction) throws {
        failure = nil
        isCancellable = true
        // The lock before the snapshot: each statement of a READ COMMITTED transaction takes one of its own.
        let mode =
            kind == .read ? "ISOLATION LEVEL REPEATABLE READ, READ ONLY" : "ISOLATION LEVEL READ COMMITTED, READ WRITE"
        let lock = if case .write(let number) = kind { "; SELECT pg_advisory_xact_lock(\(number))" } else { "" }
        let durability = kind == .read || kind == .write ? "" : "; SET LOCAL synchronous_commit = off"
        try ending {
            // 0 would mean for ever.
            try run(
                """
                BEGIN \(mode); SET LOCAL lock_timeout = \(max(1, busyTimeout.milliseconds)); \
                SET LOCAL idle_in_transaction_session_timeout = \(Self.idleTimeout.milliseconds)\(durability)\(lock)
                """)
            try Task.checkCancellation()
        }
    }

    /// Runs the body of a transaction that began, and commits it. It is rolled back when the body throws.
    ///
    /// - Throws: ``DatabaseError``; `CancellationError`; what the body throws.
    func finish<Result>(_ kind: Transaction, _ body: (any SQLConnection) throws -> Result) throws -> Result {
        try ending {
            isCancellable = kind == .read
            let result = try body(self)
            isCancellable = false
            try commit(kind)
            return result
        }
    }

    /// Rolls the transaction back if something fails.
    private func ending<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            let wasCancellable = isCancellable
            rollBack()
            if wasCancellable, Task.isCancelled, (error as? DatabaseError)?.code == .interrupted {
                throw CancellationError()
            }
            throw error
        }
    }

    private func commit(_ kind: Transaction) throws {
        // The server answers COMMIT with a rollback, and no error, if a statement failed that the body ignored.
        if let failure { throw failure }
        guard PQtransactionStatus(handle) == PQTRANS_INTRANS else {
            throw DatabaseError(.invalidStatement, "the transaction was ended by a statement in it")
        }
        do {
            try run("COMMIT")
        } catch  where kind != .read && isBroken {
            throw DatabaseError(
                .ioError, "the connection was lost during COMMIT: the change is stored as a whole or not at all")
        }
    }

    private func rollBack() {
        isCancellable = false
        guard !isBroken, PQtransactionStatus(handle) != PQTRANS_IDLE else { return }
        do {
            try run("ROLLBACK")
        } catch {
            // The server ends the transaction with the connection.
            isAbandoned = true
        }
    }

    /// Runs statements without arguments.
    ///
    /// - Throws: ``DatabaseError``.
    private func run(_ sql: String) throws { _ = try result(of: nil) { PQsendQuery(handle, sql) } }

    /// Runs a statement of the body.
    ///
    /// - Throws: ``DatabaseError``.
    private func tracking<Result>(_ body: () throws -> Result) throws -> Result {
        if let failure { throw failure }
        do {
            return try body()
        } catch let error as DatabaseError {
            failure = failure ?? error
            throw error
        }
    }
}

extension PostgreSQLConnection: SQLConnection {
    func rows(_ sql: String, _ arguments: [any SQLConvertible]) throws -> [SQLRow] {
        try resultOfStatement(sql, arguments).rows(of: sql)
    }

    func execute(_ sql: String, _ arguments: [any SQLConvertible]) throws -> Int {
        try resultOfStatement(sql, arguments).changes
    }

    func executeScript(_ sql: String) throws { try tracking { try run(sql) } }

    private func resultOfStatement(_ sql: String, _ arguments: [any SQLConvertible]) throws -> PostgreSQLResult {
        let statement = PostgreSQLPlaceholders(sql)
        guard statement.count == arguments.count else {
            throw DatabaseError(
                .invalidStatement, "the statement takes \(statement.count) arguments, not \(arguments.count)",
                sql: sql)
        }
        let arguments = PostgreSQLArguments(arguments)
        return try tracking { try result(of: sql) { arguments.send(statement.sql, on: handle) } }
    }
}

extension Duration {
    /// Whole milliseconds.
    fileprivate var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
#endif
