#if PostgreSQL
import Database
import Migrations
import PostgreSQLMigrations
import SystemPackage
import TestSupport
import Testing

@Suite("The migrations for PostgreSQL make the schema that those for SQLite make", .timeLimit(.minutes(5)))
struct PostgreSQLMigrationTests {
    /// A table's column, with the type's name in SQLite.
    private struct Column: Sendable, Hashable, Comparable, CustomStringConvertible {
        let table: String
        let position: Int
        let name: String
        let type: String
        let isRequired: Bool

        var description: String { "\(table).\(name) \(type)\(isRequired ? " NOT NULL" : "")" }

        static func < (left: Column, right: Column) -> Bool {
            (left.table, left.position) < (right.table, right.position)
        }
    }

    private static func columns(_ database: any SQLDatabase, _ sql: String) async throws -> [Column] {
        try await database.read { connection in
            try connection.rows(sql)
                .map {
                    Column(
                        table: try $0["t"], position: try $0["p"], name: try $0["n"], type: try $0["y"],
                        isRequired: try $0["r"])
                }
        }
        .sorted()
    }

    private static func sqliteColumns(_ migrations: [Migration]) async throws -> [Column] {
        try await withTemporaryFolder { folder in
            let database = try await DatabaseFile(try folder.write([], to: "x.sqlite"), durability: .none).open()
            try await database.write { for migration in migrations { try $0.executeScript(migration.sql) } }
            return try await columns(
                database,
                """
                SELECT m.name AS t, c.cid + 1 AS p, c.name AS n, c.type AS y, max(c."notnull", c.pk > 0) AS r
                FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
                WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
                """)
        }
    }

    private static func postgreSQLColumns(_ migrations: [Migration], _ database: any SQLDatabase) async throws
        -> [Column]
    {
        try await database.write { connection in
            for migration in migrations { try connection.executeScript(migration.sql) }
            try connection.setSchema(applicationID: 1, version: Int32(migrations.count))
        }
        return try await columns(
            database,
            """
            SELECT table_name::text AS t, ordinal_position::bigint AS p, column_name::text AS n, is_nullable = 'NO' AS r,
                CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'bytea' THEN 'BLOB' WHEN 'text' THEN 'TEXT'
                    ELSE data_type END AS y
            FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_state'
            """)
    }

    @Test("They are the files of the folder, with the names and the order of those for SQLite")
    func files() throws {
        let folder = TemporaryFolder(
            path: FilePath(#filePath).removingLastComponent().appending("../../migrations/postgresql"))
        let shared = PostgreSQLMigrations.quotaLedger + PostgreSQLMigrations.all
        #expect(shared.map(\.name) == (Migration.quotaLedger + Migration.all).map(\.name))
        let embedded = PostgreSQLMigrations.leases + shared
        #expect(try folder.names().filter { $0.hasSuffix(".sql") } == embedded.map(\.name))
        for migration in embedded {
            let text = try folder.read(migration.name)
            #expect(Array(migration.sql.utf8) == text)
        }
    }

    @Test("Tables, columns, their types and their order are the same")
    func columns() async throws {
        for (ours, theirs) in [
            (PostgreSQLMigrations.all, Migration.all), (PostgreSQLMigrations.quotaLedger, Migration.quotaLedger),
        ] {
            try await withPostgreSQL { database, _ in
                let found = try await Self.postgreSQLColumns(ours, database)
                let expected = try await Self.sqliteColumns(theirs)
                #expect(found == expected)
                #expect(!found.isEmpty)
                let problems = try await database.read { try $0.integrityProblems(.full) }
                #expect(problems.isEmpty)
            }
        }
    }

    @Test("The same rows are refused")
    func constraints() async throws {
        try await withPostgreSQL { database, _ in
            _ = try await Self.postgreSQLColumns(PostgreSQLMigrations.all, database)
            let bytes = "decode(repeat('00', 32), 'hex')"
            try await database.run(
                """
                INSERT INTO app (id, host, app_id, sealed_secret, generation, created_at, updated_at)
                VALUES (1, 'https://x', 'a', '', 1, 0, 0);
                INSERT INTO tenant (name, app, tenant_key, created_at) VALUES ('t', 1, '', 0);
                INSERT INTO client (name, created_at) VALUES ('c', 0);
                """)
            for sql in [
                "UPDATE app SET host = 'ftp://x'", "UPDATE app SET app_id = ''", "UPDATE app SET generation = 0",
                "UPDATE app SET name = ''", "UPDATE tenant SET app = 2", "UPDATE tenant SET quota_per_second = 5",
                "UPDATE tenant SET quota_per_second = 1001, quota_per_minute = 5", "DELETE FROM app",
                "UPDATE tenant SET authentication_code = ''", "INSERT INTO key_check VALUES (2, repeat('x', 32), '')",
                "INSERT INTO token (app, tenant_key, generation, renewal, expires_at) VALUES (1, '', 1, 1, 1)",
                "INSERT INTO client_secret (id, client, digest, created_at) VALUES ('short', 'c', \(bytes), 0)",
                "INSERT INTO client_secret (id, client, digest, created_at) VALUES (repeat('x', 16), 'c', '', 0)",
                "INSERT INTO client_tenant VALUES ('c', 'unknown')",
            ] {
                let error = await #expect(throws: DatabaseError.self, "\(sql)") { try await database.run(sql) }
                #expect(error?.code == .constraint, "\(sql)")
            }
            let names: [String] = try await database.write { connection in
                for name in ["b", "B", "é", "a-", "a"] {
                    try connection.execute("INSERT INTO client (name, created_at) VALUES (?, 0)", [name])
                }
                return try connection.values("SELECT name FROM client ORDER BY name")
            }
            #expect(names == ["B", "a", "a-", "b", "c", "é"])
        }
    }
}
#endif
