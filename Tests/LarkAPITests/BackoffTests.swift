import LarkAPI
import TestSupport
import Testing

@testable import LarkAPI

@Suite("Trying again")
struct BackoffTests {
    private let backoff = Backoff(tries: 5, base: .milliseconds(500), cap: .seconds(2), longestWait: .seconds(60))

    private func error(after wait: Duration? = nil, retryable: Bool = true) -> LarkError {
        LarkError(.unavailable, "trouble", remedy: "", retryAfter: wait, isRetryable: retryable)
    }

    @Test("What cannot pass is not tried again")
    func permanent() async {
        let clock = TestClocks()
        var tries = 0
        await #expect(throws: LarkError.self) {
            try await backoff.run(clocks: clock.timing) { _ in
                tries += 1
                throw error(retryable: false)
            }
        }
        #expect(tries == 1 && clock.waits.isEmpty)
    }

    @Test("What may pass is tried so often, after waits that double up to the cap, each a share of it")
    func waits() async {
        let clock = TestClocks(random: 0.5)
        var tries: [Int] = []
        await #expect(throws: LarkError.self) {
            try await backoff.run(clocks: clock.timing) { attempt in
                tries.append(attempt)
                throw error()
            }
        }
        #expect(tries == [1, 2, 3, 4, 5])
        #expect(clock.waits == [.milliseconds(250), .milliseconds(500), .seconds(1), .seconds(1)])
    }

    @Test("Of all the errors the last comes out; an error of another kind comes out at once")
    func lastError() async {
        struct Other: Error {}
        let clock = TestClocks()
        let last = await #expect(throws: LarkError.self) {
            try await backoff.run(clocks: clock.timing) { attempt in
                throw LarkError(.unavailable, "try \(attempt)", remedy: "", isRetryable: true)
            }
        }
        #expect(last?.summary == "try 5")
        var tries = 0
        await #expect(throws: Other.self) {
            try await backoff.run(clocks: clock.timing) { _ in
                tries += 1
                throw Other()
            }
        }
        #expect(tries == 1)
    }

    @Test("Who is cancelled while waiting tries no more")
    func cancelled() async {
        let clock = TestClocks(isDeadline: { $0 == .seconds(52) })
        let (tried, tell) = AsyncStream.makeStream(of: Int.self)
        let task = Task {
            try await backoff.run(clocks: clock.timing) { attempt in
                tell.yield(attempt)
                throw error(after: .seconds(52))
            }
        }
        var attempts = tried.makeAsyncIterator()
        let first = await attempts.next()
        #expect(first == 1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        tell.finish()
        let second = await attempts.next()
        #expect(second == nil)
    }

    @Test("What passes later, but names no time, is not tried again within seconds, and remains what passes later")
    func laterWithoutATime() async {
        let clock = TestClocks()
        let full = LarkError(.tryLater, "full", remedy: "", platformCode: 234042, isRetryable: true)
        let thrown = await #expect(throws: LarkError.self) {
            try await backoff.run(clocks: clock.timing) { _ in throw full }
        }
        #expect(thrown?.isRetryable == true)
        #expect(clock.waits.isEmpty)
    }

    @Test("A drawn wait lies between nothing and a ceiling that doubles up to the cap", arguments: 1...70)
    func bounds(_ attempt: Int) {
        let ceiling = attempt == 1 ? Duration.milliseconds(500) : attempt == 2 ? .seconds(1) : .seconds(2)
        #expect(backoff.jitteredWait(after: attempt, random: 0) == .zero)
        #expect(backoff.jitteredWait(after: attempt, random: 0.999) < ceiling)
        #expect(backoff.jitteredWait(after: attempt, random: 0.999) > ceiling * 0.99)
    }

    @Test("The wait the server names comes first, and to the second")
    func namedWait() async throws {
        let clock = TestClocks()
        let result = try await backoff.run(clocks: clock.timing) { attempt in
            if attempt == 1 { throw error(after: .seconds(52)) }
            return attempt
        }
        #expect(result == 2)
        #expect(clock.waits == [.seconds(52)])
    }

    @Test("A wait longer than our patience is the caller's to wait")
    func patience() async {
        let clock = TestClocks()
        let thrown = await #expect(throws: LarkError.self) {
            try await backoff.run(clocks: clock.timing) { _ in throw error(after: .seconds(61)) }
        }
        #expect(thrown?.retryAfter == .seconds(61))
        #expect(clock.waits.isEmpty)
    }

    @Test("A body that is done in time is not kept waiting, and its own error is what comes out")
    func inTime() async throws {
        let clock = TestClocks(isDeadline: { $0 == .seconds(5) })
        let done = try await withDeadline(.seconds(5), clocks: clock.timing, error: error()) { 7 }
        #expect(done == 7)
        let own = await #expect(throws: LarkError.self) {
            try await withDeadline(.seconds(5), clocks: clock.timing, error: error()) {
                throw LarkError(.refused, "own", remedy: "")
            }
        }
        #expect(own?.summary == "own")
    }

    @Test("A body that takes longer than its deadline is cancelled")
    func deadline() async {
        let (never, _) = AsyncStream.makeStream(of: Void.self)
        let thrown = await #expect(throws: LarkError.self) {
            try await withDeadline(.seconds(5), clocks: TestClocks().timing, error: error()) {
                for await _ in never {}
                try Task.checkCancellation()
            }
        }
        #expect(thrown?.summary == "trouble")
    }
}
