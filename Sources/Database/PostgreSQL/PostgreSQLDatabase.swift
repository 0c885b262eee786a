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

    func write<Result: Sendable>(
        rowsOf name: String, _ body: @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        let session = try await readers.acquire()
        defer { readers.release(session) }
        return try await session.transaction(.write(rowsOf: name), body)
    }

    func backup(to file: FilePath) async throws {
        throw DatabaseError(.other, "a PostgreSQL database is backed up on its server, with pg_dump")
    }

    func close() async {
        writer.close()
        readers.close()
    }
}
#endif
