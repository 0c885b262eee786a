#if PostgreSQL
import Database
import TestSupport
import Testing

@Suite("PostgreSQL: one transaction writes at a time", .timeLimit(.minutes(5)))
struct PostgreSQLLockTests {
    /// A write transaction that lasts until a stream ends.
    private func holdingLock(
        _ database: any SQLDatabase, while body: () async throws -> Void
    ) async throws {
        let (held, hold) = AsyncStream.makeStream(of: Void.self)
        let stop = StopFlag()
        async let holder: Void = database.write { connection in
            hold.finish()
            // Without end, unless the flag is set.
            while !stop.isSet { _ = try connection.rows("SELECT 1") }
        }
        for await _ in held {}
        do {
            try await body()
        } catch {
            stop.set()
            throw error
        }
        stop.set()
        try await holder
    }

    @Test(
        "A writer stops waiting when its time is over; readers do not wait",
        arguments: PostgreSQLServer.Route.allCases)
    func timeout(_ route: PostgreSQLServer.Route) async throws {
        try await withPostgreSQL(route, busyTimeout: .milliseconds(100)) { database, test in
            try await database.run("CREATE TABLE t (a bigint)")
            let other = try await test.address().open()
            try await holdingLock(other) {
                let start = ContinuousClock.now
                for _ in 0..<2 {
                    let error = await #expect(throws: DatabaseError.self) { try await database.run("DELETE FROM t") }
                    #expect(error?.code == .busy)
                }
                #expect(ContinuousClock.now - start >= .milliseconds(200))
                let count = try await database.number("SELECT count(*) FROM t")
                #expect(count == 0)
            }
            try await database.run("INSERT INTO t VALUES (1)")
            #expect(try await database.number("SELECT count(*) FROM t") == 1)
        }
    }

    @Test("A wait for a connection ends when its time is over")
    func busyPool() async throws {
        try await withPostgreSQL(busyTimeout: .milliseconds(100)) { database, _ in
            try await holdingLock(database) {
                let error = await #expect(throws: DatabaseError.self) { try await database.run("SELECT 1") }
                #expect(error?.code == .busy)
            }
        }
    }

    @Test("A cancelled task does not wait for the lock", arguments: PostgreSQLServer.Route.allCases)
    func cancelled(_ route: PostgreSQLServer.Route) async throws {
        try await withPostgreSQL(route, busyTimeout: .seconds(3600)) { database, test in
            try await database.run("CREATE TABLE t (a bigint)")
            let other = try await test.address().open()
            try await holdingLock(other) {
                for round in 0..<20 {
                    let waiting = Task { try await database.run("DELETE FROM t") }
                    for _ in 0..<round * 20 { await Task.yield() }
                    waiting.cancel()
                    await #expect(throws: CancellationError.self) { try await waiting.value }
                }
            }
            try await database.run("INSERT INTO t VALUES (1)")
        }
    }

    @Test("A table that another program locks is busy for readers too")
    func lockedTable() async throws {
        try await withPostgreSQL(busyTimeout: .milliseconds(100)) { database, test in
            try await database.run("CREATE TABLE t (a bigint)")
            let lock = "pg_locks WHERE relation = 't'::regclass AND mode = 'AccessExclusiveLock' AND granted"
            // check: allowed, it is ended before
            async let locker = test.psql("BEGIN; LOCK TABLE t; SELECT pg_sleep(600); COMMIT")
            try await eventually {
                try await database.number("SELECT count(*) FROM \(lock)") == 1
            }
            let error = await #expect(throws: DatabaseError.self) {
                try await database.number("SELECT count(*) FROM t")
            }
            #expect(error?.code == .busy)
            try await test.psql("SELECT pg_terminate_backend(pid) FROM \(lock)")
            _ = try? await locker
            #expect(try await database.number("SELECT count(*) FROM t") == 0)
        }
    }

    @Test(
        "Two thousand transactions of two pools, which read before they write, lose none and fail none",
        arguments: PostgreSQLServer.Route.allCases)
    func twoPools(_ route: PostgreSQLServer.Route) async throws {
        try await withPostgreSQL(route) { database, test in
            try await database.run("CREATE TABLE t (n bigint); INSERT INTO t VALUES (0)")
            let other = try await test.address().open()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for pool in [database, other] {
                    for _ in 0..<4 {
                        group.addTask {
                            for _ in 0..<250 {
                                try await pool.write { connection in
                                    // Wrong unless the lock is held before the first statement.
                                    let last: Int = try connection.value("SELECT n FROM t") ?? -1
                                    try connection.execute("UPDATE t SET n = ?", [last + 1])
                                }
                                _ = try await pool.number("SELECT n FROM t")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.number("SELECT n FROM t") == 2_000)
            // Neither pool nor PgBouncer keeps a lock.
            #expect(
                try await database.number(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                ) == 0)
        }
    }
}
#endif
