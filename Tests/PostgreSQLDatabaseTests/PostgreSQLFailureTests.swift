#if PostgreSQL
import Database
import SystemPackage
import TestSupport
import Testing

@Suite("PostgreSQL: a server that fails", .timeLimit(.minutes(5)))
struct PostgreSQLFailureTests {
    @Test("A connection that ended while it was idle is replaced", arguments: PostgreSQLServer.Route.allCases)
    func idleConnection(_ route: PostgreSQLServer.Route) async throws {
        try await withPostgreSQL(route) { database, test in
            try await database.run("CREATE TABLE t (a bigint)")
            for _ in 0..<3 {
                try await terminate(in: test)
                try await database.run("INSERT INTO t VALUES (1)")
                try await terminate(in: test)
                _ = try await database.number("SELECT count(*) FROM t")
            }
            #expect(try await database.number("SELECT count(*) FROM t") == 3)
        }
    }

    /// Ends all connections to the test's database.
    private func terminate(in test: TestDatabase) async throws {
        try await test.server.psql(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '\(test.name)'")
    }

    @Test(
        "A connection that ends within a transaction fails it, runs no body twice, and is replaced",
        arguments: PostgreSQLServer.Route.allCases)
    func runningTransaction(_ route: PostgreSQLServer.Route) async throws {
        try await withPostgreSQL(route) { database, test in
            try await database.run("CREATE TABLE t (a bigint)")
            let (bodies, run) = AsyncStream.makeStream(of: Void.self)
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { connection in
                    run.yield()
                    try connection.execute("INSERT INTO t VALUES (1)")
                    _ = try connection.rows("SELECT pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(error?.code == .cannotOpen)
            run.finish()
            var count = 0
            for await _ in bodies { count += 1 }
            #expect(count == 1)
            #expect(try await database.number("SELECT count(*) FROM t") == 0)
        }
    }

    @Test("A server that crashes and starts again is used again; what was committed is there")
    func restart() async throws {
        let server = try await PostgreSQLServer()
        for route in PostgreSQLServer.Route.allCases {
            try await withPostgreSQL(route, on: server) { database, _ in
                try await database.run("CREATE TABLE t (a bigint); INSERT INTO t VALUES (1)")
                let (begun, begin) = AsyncStream.makeStream(of: Void.self)
                let endless = Task {
                    try await database.read { connection in
                        begin.finish()
                        return try connection.value(counting(to: .max)) as Int?
                    }
                }
                for await _ in begun {}
                try await server.restart()
                let error = await #expect(throws: DatabaseError.self) { try await endless.value }
                #expect(error?.code == .cannotOpen)
                // PgBouncer lets its clients wait for the server, or refuses them for a moment.
                try await eventually { (try? await database.number("SELECT count(*) FROM t")) == 1 }
                try await database.run("INSERT INTO t VALUES (2)")
                let count = try await database.number("SELECT count(*) FROM t")
                #expect(count == 2)
            }
        }
    }

    @Test("A transaction whose client stops sending loses the write lock, and its connection is replaced")
    func silentClient() async throws {
        try await withPostgreSQL { database, _ in
            let settings = try await database.write { connection in
                [
                    try connection.value("SHOW idle_in_transaction_session_timeout") as String?,
                    try connection.value("SHOW lock_timeout") as String?,
                ]
            }
            #expect(settings == ["15s", "1min"])
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { connection in
                    try connection.executeScript("SET LOCAL idle_in_transaction_session_timeout = 1")
                    let end = ContinuousClock.now + .seconds(1)
                    while ContinuousClock.now < end {}
                    try connection.executeScript("SELECT 1")
                }
            }
            #expect(error?.code == .cannotOpen)
            try await database.run("SELECT 1")
        }
    }

    @Test("Settings of a transaction end with it, so that none is left for PgBouncer's next client")
    func settings() async throws {
        try await withPostgreSQL(.bouncer) { database, _ in
            try await database.run("SELECT 1")
            _ = try await database.number("SELECT 1")
        }
        try await withPostgreSQL { database, test in
            let values = try await test.psql("SHOW lock_timeout; SHOW default_transaction_read_only")
            #expect(values == ["0", "off"])
            let prepared = try await database.number("SELECT count(*) FROM pg_prepared_statements")
            #expect(prepared == 0)
        }
    }

    @Test("A wrong password is refused, and neither it nor the right one is in the error")
    func wrongPassword() async throws {
        try await withPostgreSQL { _, test in
            try await test.psql("DROP ROLE IF EXISTS locked; CREATE ROLE locked LOGIN PASSWORD 'right-one'")
            try await withTemporaryFolder { folder in
                var address = try PostgreSQLAddress("postgres://locked@/\(test.name)?host=\(test.server.directory)")
                address.passwordFile = try folder.write(Array("wrong-one\n".utf8), to: "password")
                let refused = await #expect(throws: DatabaseError.self) { _ = try await address.open() }
                #expect(refused?.code == .cannotOpen)
                let text = refused.map { String(reflecting: $0) } ?? ""
                #expect(text.contains("authentication failed"))
                #expect(!text.contains("wrong-one"))
                #expect(!text.contains("right-one"))
                #expect(!String(reflecting: address).contains("wrong-one"))

                let passwords = try folder.write(Array("*:*:*:locked:right-one\n".utf8), to: "pgpass")
                let url = "postgres://locked@/\(test.name)?host=\(test.server.directory)&passfile=\(passwords)"
                let withFile = try await PostgreSQLAddress(url).open()
                #expect(try await withFile.number("SELECT 1") == 1)
                await withFile.close()

                try folder.write(Array("right-one\n".utf8), to: "password")
                let database = try await address.open()
                #expect(try await database.number("SELECT 1") == 1)
                await database.close()
            }
            try await test.psql("DROP ROLE locked")
        }
    }

    @Test("A password file that is missing, empty, open to others or a directory is an error that names it")
    func passwordFile() async throws {
        try await withTemporaryFolder { folder in
            var address = try PostgreSQLAddress("postgres:///d?host=\(folder.path)")
            try folder.write([], to: "empty")
            try folder.write(Array("a\u{0}b".utf8), to: "zero")
            try folder.write(Array("x".utf8), to: "open", permissions: [.ownerReadWrite, .groupRead])
            for name in ["missing", "empty", "zero", "open", "."] {
                address.passwordFile = folder.appending(name)
                let error = await #expect(throws: DatabaseError.self) { _ = try await address.open() }
                #expect(error?.code == .cannotOpen)
                #expect(error?.message.contains("password file \(folder.path)") == true)
            }
        }
    }

    @Test("Of several hosts the first that answers and can be written to is used; if none does, each is named")
    func severalHosts() async throws {
        try await withPostgreSQL { _, test in
            let none = try PostgreSQLAddress("postgres:///d?host=/nonexistent/a,/nonexistent/b")
            let error = await #expect(throws: DatabaseError.self) { _ = try await none.open() }
            #expect(error?.code == .cannotOpen)
            #expect(error?.message.contains("/nonexistent/a") == true)
            #expect(error?.message.contains("/nonexistent/b") == true)
            let hosts = "host=/nonexistent/a,\(test.server.directory)"
            let database = try await PostgreSQLAddress("postgres://larkimg@/\(test.name)?\(hosts)").open()
            #expect(try await database.number("SELECT 1") == 1)
            await database.close()
            try await test.psql("ALTER DATABASE \(test.name) SET default_transaction_read_only = on")
            let standby = await #expect(throws: DatabaseError.self) {
                _ = try await PostgreSQLAddress("postgres://larkimg@/\(test.name)?\(hosts)").open()
            }
            #expect(standby?.code == .cannotOpen)
            #expect(standby?.message.contains("read-only") == true)
        }
    }

    @Test("A host that never answers is given up after its time, and at once when the task is cancelled")
    func silentHost() async throws {
        try await withTemporaryFolder { folder in
            let listener = try SilentListener(at: folder.appending(".s.PGSQL.5432"))
            defer { listener.close() }
            let address = try PostgreSQLAddress("postgres:///d?host=\(folder.path)&connect_timeout=1")
            let error = await #expect(throws: DatabaseError.self) { _ = try await address.open() }
            #expect(error?.code == .cannotOpen)
            #expect(error?.message.contains("timed out") == true)
            let patient = try PostgreSQLAddress("postgres:///d?host=\(folder.path)&connect_timeout=600")
            let task = Task { _ = try await patient.open() }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
#endif
