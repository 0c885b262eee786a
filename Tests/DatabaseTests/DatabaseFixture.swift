import Database
import SystemPackage
import TestSupport

/// Runs a body with an empty database in a directory of its own.
///
/// - Parameter busyTimeout: how long it waits for locks.
func withDatabase(
    busyTimeout: Duration = .seconds(60), _ body: (any SQLDatabase, DatabaseFile, TemporaryFolder) async throws -> Void
) async throws {
    try await withTemporaryFolder { folder in
        let file = DatabaseFile(
            try folder.write([], to: "x.sqlite"), durability: .none, busyTimeout: busyTimeout)
        try await body(try await file.open(), file, folder)
    }
}

extension SQLDatabase {
    /// Runs statements in a transaction of their own.
    func run(_ sql: String) async throws { try await write { try $0.executeScript(sql) } }

    /// The first column of a query's only row.
    func number(_ sql: String) async throws -> Int? { try await read { try $0.value(sql) } }
}

/// A query that counts to a number: the larger, the longer it takes.
func counting(to last: Int) -> String {
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(last)) SELECT max(i) FROM n"
}
