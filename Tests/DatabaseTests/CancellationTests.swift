import Database
import Testing

@Suite("A cancelled task ends its own read and no other", .timeLimit(.minutes(5)))
struct CancellationTests {
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

    @Test("A statement without end stops when its task is cancelled, and the connection works on")
    func cancelledStatement() async throws {
        try await withDatabase { database, _, _ in
            for _ in 0..<20 {
                let (task, begun) = endlessRead(database)
                for await _ in begun {}
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                let next = try await database.number(counting(to: 5_000))
                #expect(next == 5_000)
            }
        }
    }

    @Test("Reads beside cancelled ones all get their result")
    func otherReads() async throws {
        try await withDatabase { database, _, _ in
            for round in 0..<100 {
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
        try await withDatabase { database, _, _ in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await database.write { try $0.executeScript("CREATE TABLE t (a)") }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let isEmpty = try await database.read { try $0.schemaState().isEmpty }
            #expect(isEmpty)
        }
    }

    @Test("A write that has begun is finished although its task is cancelled")
    func cancelledWrite() async throws {
        try await withDatabase { database, _, _ in
            try await database.run("CREATE TABLE t (a)")
            let task = Task {
                try await database.write { connection in
                    withUnsafeCurrentTask { $0?.cancel() }
                    try connection.execute("INSERT INTO t VALUES ((\(counting(to: 50_000))))")
                }
            }
            try await task.value
            #expect(try await database.number("SELECT a FROM t") == 50_000)
        }
    }
}
