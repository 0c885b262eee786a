import LarkAPI
import Synchronization
import TestSupport
import Testing

@Suite("A limit of tasks that run at a time", .timeLimit(.minutes(1)))
struct ConcurrencyLimitTests {
    private final class Count: Sendable {
        let value = Mutex((now: 0, most: 0, all: 0))
    }

    @Test("Only so many run for one key, others wait their turn, and keys do not wait for each other")
    func turns() async throws {
        let limit = ConcurrencyLimit<String>(2)
        let running = Count()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup { group in
            for _ in 1...5 {
                group.addTask {
                    try await limit.run("a") {
                        running.value.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1), $0.all + 1) }
                        for await _ in gate {}
                        running.value.withLock { $0.now -= 1 }
                    }
                }
            }
            try await eventually { await limit.waitingCount("a") == 3 }
            #expect(try await limit.run("b") { 7 } == 7)
            open.finish()
            try await group.waitForAll()
        }
        #expect(running.value.withLock { $0 } == (now: 0, most: 2, all: 5))
    }

    @Test("A task that is cancelled leaves the queue, and one that fails passes its turn on")
    func cancelled() async throws {
        let limit = ConcurrencyLimit<Int>(1)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await limit.run(1) {
                for await _ in gate {}
                throw InvalidValue(word: "x", kind: "x", rule: "x")
            }
        }
        let second = Task { try await limit.run(1) { 2 } }
        try await eventually { await limit.waitingCount(1) == 1 }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        let third = Task { try await limit.run(1) { 3 } }
        open.finish()
        await #expect(throws: InvalidValue.self) { try await first.value }
        #expect(try await third.value == 3)
    }
}
