#if PostgreSQL
import SystemPackage

/// A database on a PostgreSQL server.
///
/// A transaction is the only unit that keeps state on the server, so that PgBouncer may give each one another
/// connection. One connection writes, so that tasks that wait for the write lock leave the others to readers.
final class PostgreSQLDatabase: SQLDatabase {
    private let writer: PostgreSQLPool
    private let readers: PostgreSQLPool

    /// Creates a database. It connects when it is used.
    init(_ address: PostgreSQLAddress) {
        writer = PostgreSQLPool(address, size: 1)
        readers = PostgreSQLPool(address, size: max(1, address.connectionLimit - 1))
    }

    func read<Result: Sendable>(
        _ body: @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        let session = try await readers.acquire()
        defer { readers.release(session) }
        return try await session.transaction(.read, body)
    }

    func write<Result: Sendable>(
        _ body: @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        let session = try await writer.acquire()
        defer { writer.release(session) }
        return try await session.transaction(.write, body)
    }

    func backup(to file: FilePath) async throws {
        throw DatabaseError(.other, "a PostgreSQL database is backed up on its server, with pg_dump")
    }

    func close() async {
        writer.close()
        readers.close()
    }
}

/// A connection that is made when it is needed and replaced when it broke, used on a queue of its own.
actor PostgreSQLSession {
    private let executor = QueueExecutor(label: "larkimg.postgresql")
    private let address: PostgreSQLAddress
    private var connection: PostgreSQLConnection?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Creates a session without a connection.
    init(_ address: PostgreSQLAddress) { self.address = address }

    /// Runs a body in a transaction.
    ///
    /// - Throws: ``DatabaseError``; `CancellationError`; what the body throws.
    func transaction<Result: Sendable>(
        _ kind: PostgreSQLConnection.Transaction, _ body: @Sendable (any SQLConnection) throws -> Result
    ) throws -> Result {
        try Task.checkCancellation()
        let connection = try connectionInTransaction(kind)
        defer { if connection.isBroken { self.connection = nil } }
        return try connection.finish(kind, body)
    }

    /// Begins a transaction, on a new connection if the old one broke while it was idle: no statement of the body was
    /// sent yet.
    private func connectionInTransaction(_ kind: PostgreSQLConnection.Transaction) throws -> PostgreSQLConnection {
        if let connection {
            do {
                try connection.begin(kind)
                return connection
            } catch let error as DatabaseError {
                // A server that was demoted to a standby refuses to write; another host is the primary now.
                guard connection.isBroken || error.code == .readOnly else { throw error }
                self.connection = nil
            } catch {
                if connection.isBroken { self.connection = nil }
                throw error
            }
        }
        let connection = try PostgreSQLConnection(address)
        try connection.begin(kind)
        self.connection = connection
        return connection
    }
}
#endif
