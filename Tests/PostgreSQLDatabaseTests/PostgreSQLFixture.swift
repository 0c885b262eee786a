#if PostgreSQL
import Database
import Synchronization
import TestSupport

/// A database of a test's own.
struct TestDatabase: Sendable {
    let server: PostgreSQLServer
    let name: String
    let route: PostgreSQLServer.Route

    /// How to connect to it.
    func address(settings: String = "") throws -> PostgreSQLAddress {
        var address = try PostgreSQLAddress(
            "postgres://larkimg@/\(name)?host=\(server.directory)&port=\(route.rawValue)\(settings)")
        address.busyTimeout = .seconds(60)
        return address
    }

    /// Runs statements as another program does.
    @discardableResult
    func psql(_ sql: String) async throws -> [String] { try await server.psql(sql, in: name) }
}

private let databaseCount = Mutex(0)

/// Runs a body with an empty database on a server.
///
/// - Parameters:
///   - route: how it is reached.
///   - server: the shared one if nil.
///   - busyTimeout: how long it waits for locks.
func withPostgreSQL(
    _ route: PostgreSQLServer.Route = .direct, on server: PostgreSQLServer? = nil, busyTimeout: Duration = .seconds(60),
    _ body: (any SQLDatabase, TestDatabase) async throws -> Void
) async throws {
    let number = databaseCount.withLock { count in
        count += 1
        return count
    }
    let shared = if let server { server } else { try await PostgreSQLServer.shared }
    let test = TestDatabase(server: shared, name: "t\(number)", route: route)
    try await shared.psql("CREATE DATABASE \(test.name)")
    var address = try test.address()
    address.busyTimeout = busyTimeout
    let database = try await address.open()
    try await body(database, test)
    await database.close()
    try await shared.psql("DROP DATABASE \(test.name) WITH (FORCE)")
}

extension SQLDatabase {
    /// Runs statements in a transaction of their own.
    func run(_ sql: String) async throws { try await write { try $0.executeScript(sql) } }

    /// The first column of a query's only row.
    func number(_ sql: String) async throws -> Int? { try await read { try $0.value(sql) } }

    /// The server's process that a transaction runs on.
    func processID() async throws -> Int? { try await number("SELECT pg_backend_pid()") }
}

/// A query that counts to a number: the larger, the longer it takes.
func counting(to last: Int) -> String {
    "WITH RECURSIVE n(i) AS (SELECT 1::bigint UNION ALL SELECT i + 1 FROM n WHERE i < \(last)) SELECT max(i) FROM n"
}
#endif
