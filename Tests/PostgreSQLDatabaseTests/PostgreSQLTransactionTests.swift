#if PostgreSQL
import Database
import SystemPackage
import TestSupport
import Testing

@Suite("PostgreSQL: transactions commit as a whole or not at all", .timeLimit(.minutes(5)))
struct PostgreSQLTransactionTests {
    private struct Failure: Error {}

    @Test(
        "A body that throws leaves nothing behind, and the connection works on",
        arguments: PostgreSQLServer.Route.allCases)
    func rollback(_ route: PostgreSQLServer.Route) async throws {
        try await withPostgreSQL(route) { database, _ in
            try await database.run("CREATE TABLE t (a bigint)")
            await #expect(throws: Failure.self) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO t VALUES (1)")
                    throw Failure()
                }
            }
            await #expect(throws: Failure.self) { try await database.read { _ in throw Failure() } }
            #expect(try await database.number("SELECT count(*) FROM t") == 0)
            try await database.run("INSERT INTO t VALUES (1)")
            #expect(try await database.number("SELECT count(*) FROM t") == 1)
        }
    }

    @Test("A script that fails in its middle leaves nothing behind")
    func failingScript() async throws {
        try await withPostgreSQL { database, _ in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.run("CREATE TABLE a (b bigint); CREATE TABLE a (b bigint)")
            }
            #expect(error?.code == .invalidStatement)
            let isEmpty = try await database.read { try $0.schemaState().isEmpty }
            #expect(isEmpty)
        }
    }

    @Test("An error that the body ignores is not lost: nothing is committed")
    func ignoredError() async throws {
        try await withPostgreSQL { database, _ in
            try await database.run("CREATE TABLE t (a bigint PRIMARY KEY)")
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO t VALUES (1)")
                    _ = try? connection.execute("INSERT INTO t VALUES (1)")
                    // Throws the first error again.
                    let error = #expect(throws: DatabaseError.self) {
                        try connection.execute("INSERT INTO t VALUES (2)")
                    }
                    #expect(error?.code == .constraint)
                }
            }
            #expect(error?.code == .constraint)
            #expect(try await database.number("SELECT count(*) FROM t") == 0)
        }
    }

    @Test("A body that ends its transaction itself, or begins COPY, throws")
    func foreignEnd() async throws {
        try await withPostgreSQL { database, _ in
            for sql in ["COMMIT", "ROLLBACK", "COPY pg_class TO STDOUT", "COPY pg_class FROM STDIN"] {
                let error = await #expect(throws: DatabaseError.self) { try await database.run(sql) }
                #expect(error?.code == .invalidStatement, "\(sql)")
                let one = try await database.number("SELECT 1")
                #expect(one == 1)
            }
        }
    }

    @Test("A transaction that reads cannot write", arguments: PostgreSQLServer.Route.allCases)
    func readOnly(_ route: PostgreSQLServer.Route) async throws {
        try await withPostgreSQL(route) { database, _ in
            try await database.run("CREATE TABLE t (a bigint)")
            for sql in ["INSERT INTO t VALUES (1)", "DROP TABLE t", "CREATE TABLE u (a bigint)"] {
                let statement = await #expect(throws: DatabaseError.self) {
                    try await database.read { try $0.rows(sql) }
                }
                #expect(statement?.code == .readOnly)
                let script = await #expect(throws: DatabaseError.self) {
                    try await database.read { try $0.executeScript(sql) }
                }
                #expect(script?.code == .readOnly)
            }
            #expect(try await database.number("SELECT count(*) FROM t") == 0)
        }
    }

    /// A statement that the schema or the grammar does not allow.
    @Test(
        "What is wrong has a code",
        arguments: [
            ("INSERT INTO b VALUES (1)", DatabaseError.Code.constraint), ("INSERT INTO a VALUES (NULL)", .constraint),
            ("INSERT INTO a VALUES (2), (2)", .constraint), ("INSERT INTO a VALUES (0)", .constraint),
            ("SELECT * FROM missing", .invalidStatement), ("SELEC", .invalidStatement),
            ("SELECT 1; SELECT 2", .invalidStatement), ("SELECT ?", .invalidStatement), ("SELECT 1 / 0", .constraint),
        ])
    func codes(_ sql: String, _ code: DatabaseError.Code) async throws {
        try await withPostgreSQL { database, _ in
            try await database.run(
                "CREATE TABLE a (id bigint PRIMARY KEY CHECK (id > 0)); CREATE TABLE b (a bigint REFERENCES a (id))")
            let error = await #expect(throws: DatabaseError.self) { try await database.write { try $0.rows(sql) } }
            #expect(error?.code == code)
            #expect(error?.sql == sql)
        }
    }

    @Test("Rows changed are counted, not rows selected")
    func changes() async throws {
        try await withPostgreSQL { database, _ in
            let counts = try await database.write { connection in
                try connection.executeScript("CREATE TABLE t (a bigint)")
                return [
                    try connection.execute("INSERT INTO t VALUES (?), (?), (?)", [1, 2, 3]),
                    try connection.execute("UPDATE t SET a = 0 WHERE a > ?", [1]),
                    try connection.execute("SELECT * FROM t"),
                    try connection.execute("DELETE FROM t WHERE a = ?", [7]),
                ]
            }
            #expect(counts == [3, 2, 0, 0])
        }
    }

    @Test("A closed database throws, also when it is closed again")
    func closed() async throws {
        try await withPostgreSQL { database, _ in
            await database.close()
            await database.close()
            let error = await #expect(throws: DatabaseError.self) { try await database.number("SELECT 1") }
            #expect(error?.code == .cannotOpen)
        }
    }

    @Test("A reader sees one snapshot, whatever others commit meanwhile", arguments: PostgreSQLServer.Route.allCases)
    func snapshot(_ route: PostgreSQLServer.Route) async throws {
        try await withPostgreSQL(route) { database, test in
            try await database.run("CREATE TABLE t (a bigint); INSERT INTO t VALUES (1)")
            let (begun, begin) = AsyncStream.makeStream(of: Void.self)
            async let counts = database.read { connection in
                let before: Int? = try connection.value("SELECT count(*) FROM t")
                begin.finish()
                // Not in the snapshot, so it sees when the writer is done.
                while try connection.row("SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 7") == nil {}
                return [before, try connection.value("SELECT count(*) FROM t")]
            }
            for await _ in begun {}
            try await database.run("INSERT INTO t VALUES (2)")
            // check: allowed, a lock tells the reader, and is held until psql ends
            async let signal = test.psql("SELECT pg_advisory_lock(7), pg_sleep(1)")
            #expect(try await counts == [1, 1])
            _ = try await signal
            #expect(try await database.number("SELECT count(*) FROM t") == 2)
        }
    }

    @Test("The schema's state is what was set, and empty before")
    func schemaState() async throws {
        try await withPostgreSQL { database, _ in
            let before = try await database.read { try $0.schemaState() }
            #expect(before == SchemaState(applicationID: 0, version: 0, isEmpty: true))
            try await database.write { try $0.setSchema(applicationID: 1, version: 1) }
            let recorded = try await database.read { try $0.schemaState() }
            #expect(recorded == SchemaState(applicationID: 1, version: 1, isEmpty: true))
            try await database.write {
                try $0.executeScript("CREATE TABLE t (a bigint)")
                try $0.setSchema(applicationID: .max, version: 7)
            }
            let after = try await database.read { try $0.schemaState() }
            #expect(after == SchemaState(applicationID: .max, version: 7, isEmpty: false))
        }
    }

    @Test("A backup is left to the server's tools")
    func backup() async throws {
        try await withPostgreSQL { database, _ in
            let error = await #expect(throws: DatabaseError.self) { try await database.backup(to: "/dev/null") }
            #expect(error?.message.contains("pg_dump") == true)
        }
    }
}
#endif
