#if PostgreSQL
import Database
import TestSupport
import Testing

@Suite("PostgreSQL: a cancelled task ends its own read and no other", .timeLimit(.minutes(5)))
struct PostgreSQLCancellationTests {
    /// A read that would take years, and a stream that ends when it has begun.
    private func endlessRead(_ database: any SQLDatabase) -> (Task<Int?, any Error>, AsyncStream<Void>) {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await database.read { connection -> Int? in
                begin.finish()
                return try connection.value(counting(to: .max))
            }
        }
        return (task, begun)
    }

    @Test(
        "A statement without end stops when its task is cancelled, and the connection works on",
        arguments: PostgreSQLServer.Route.allCases)
    func cancelledStatement(_ route: PostgreSQLServer.Route) async throws {
        try await withPostgreSQL(route) { database, _ in
            let process = try await database.processID()
            for _ in 0..<20 {
                let (task, begun) = endlessRead(database)
                for await _ in begun {}
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                let next = try await database.number(counting(to: 5_000))
                #expect(next == 5_000)
            }
            let lastProcess = try await database.processID()
            #expect(route == .bouncer || lastProcess == process)
        }
    }

    @Test("Reads beside cancelled ones all get their result", arguments: PostgreSQLServer.Route.allCases)
    func otherReads(_ route: PostgreSQLServer.Route) async throws {
        try await withPostgreSQL(route) { database, _ in
            for round in 0..<50 {
                let (task, begun) = endlessRead(database)
                async let next = database.number(counting(to: 20_000))
                if round.isMultiple(of: 2) { for await _ in begun {} }
                task.cancel()
                let last = try await next
                #expect(last == 20_000)
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    @Test("A task cancelled before its turn does not run its body")
    func cancelledBefore() async throws {
        try await withPostgreSQL { database, _ in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await database.write { try $0.executeScript("CREATE TABLE t (a bigint)") }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let isEmpty = try await database.read { try $0.schemaState().isEmpty }
            #expect(isEmpty)
        }
    }

    @Test("A write that has begun is finished although its task is cancelled")
    func cancelledWrite() async throws {
        try await withPostgreSQL { database, _ in
            try await database.run("CREATE TABLE t (a bigint)")
            let task = Task {
                try await database.write { connection in
                    withUnsafeCurrentTask { $0?.cancel() }
                    try connection.execute("INSERT INTO t VALUES ((\(counting(to: 500_000))))")
                }
            }
            try await task.value
            #expect(try await database.number("SELECT a FROM t") == 500_000)
        }
    }

    @Test("A task that waits for one of the connections leaves when it is cancelled")
    func cancelledWait() async throws {
        try await withPostgreSQL { database, _ in
            var endless: [Task<Int?, any Error>] = []
            for _ in 0..<3 {
                let (task, begun) = endlessRead(database)
                for await _ in begun {}
                endless.append(task)
            }
            for round in 0..<20 {
                let waiting = Task { try await database.number("SELECT 1") }
                for _ in 0..<round { await Task.yield() }
                waiting.cancel()
                await #expect(throws: CancellationError.self) { try await waiting.value }
            }
            async let served = database.number("SELECT 2")
            // A reader's wait keeps no writer waiting.
            try await database.run("CREATE TABLE t (a bigint)")
            endless[0].cancel()
            #expect(try await served == 2)
            for task in endless {
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    @Test("A statement that the server's operator ends is an error, not a cancellation")
    func cancelledByOperator() async throws {
        try await withPostgreSQL { database, test in
            let process = try #require(try await database.processID())
            let (task, begun) = endlessRead(database)
            for await _ in begun {}
            while try await test.psql(
                "SELECT pg_cancel_backend(\(process)) FROM pg_stat_activity WHERE pid = \(process) AND query LIKE 'WITH%'"
            )
            .isEmpty {}
            let error = await #expect(throws: DatabaseError.self) { try await task.value }
            #expect(error?.code == .interrupted)
        }
    }
}
#endif
