import FoundationEssentials
import LarkAPI
import Synchronization
import TestSupport
import Testing

@testable import TokenStore

@Suite("One call for all who wait", .timeLimit(.minutes(2)))
struct SingleFlightTests {
    @Test("A provider of stored tokens does what every provider must do")
    func contract() async throws {
        try await withStore { fixture, store, acme in
            let issuer = fixture.issuer
            let source = TokenProviderContract.Source(calls: { issuer.calls }, hold: { issuer.hold() })
            try await TokenProviderContract(
                fixture.provider(store), tenant: acme, source: source, clock: fixture.clock
            )
            .holds(unknown: TenantName("nobody"))
        }
    }

    @Test("A cancelled waiter leaves at once; the work and the other waiters go on")
    func cancelledWaiter() async throws {
        let flight = SingleFlight<String, Int>()
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let work: @Sendable () async throws -> Int = {
            for await _ in gate {}
            return 7
        }
        let leaving = Task { try await flight.value(for: "a", work) }
        let staying = Task { try await flight.value(for: "a", work) }
        try await eventually { await flight.waiters(for: "a") >= 2 }
        leaving.cancel()
        await #expect(throws: CancellationError.self) { try await leaving.value }
        #expect(await flight.waiters(for: "a") == 1)
        opener.finish()
        #expect(try await staying.value == 7)
        #expect(await !flight.isUnderWay("a"))
    }

    @Test("A failure goes to all who waited and is not kept for the next")
    func failureEndsFlight() async throws {
        let flight = SingleFlight<String, Int>()
        await #expect(throws: LarkError.self) { try await flight.value(for: "a") { throw LarkError.offline } }
        #expect(try await flight.value(for: "a") { 1 } == 1)
    }

    @Test("Fifty tasks that need a token while one call is under way share that call")
    func tasksShareACall() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            let open = fixture.issuer.hold()
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 1...50 {
                    group.addTask { try await provider.token(for: acme, goodFor: .seconds(60)).text }
                }
                try await eventually { await provider.flights.waiters(for: .needed(.tenant(acme), .seconds(60))) >= 50 }
                open()
                for try await text in group { #expect(text == "t-1") }
            }
            #expect(fixture.issuer.calls == 1)
        }
    }

    @Test("Ten processes that need a token share the call of the first, by the lock file")
    func processesShareACall() async throws {
        try await withStore(clock: TestClocks(waitsForReal: true)) { fixture, store, acme in
            let open = fixture.issuer.hold()
            let first = fixture.provider(store)
            try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask { try await first.token(for: acme, goodFor: .seconds(60)).text }
                try await eventually { fixture.issuer.calls >= 1 }
                // Stores and providers of their own: they share nothing with the first but the files.
                for _ in 1...9 {
                    let other = fixture.provider(try await fixture.open(.existing))
                    group.addTask { try await other.token(for: acme, goodFor: .seconds(60)).text }
                }
                try await eventually { fixture.clock.waits.count >= 30 }
                open()
                for try await text in group { #expect(text == "t-1") }
            }
            #expect(fixture.issuer.calls == 1)
        }
    }

    @Test("Who has waited 15 seconds for another's renewal asks for itself")
    func patienceEnds() async throws {
        try await withStore { fixture, store, acme in
            let state = try await store.state(of: .tenant(acme))
            let lock = try ProcessLock(state.lockName, in: fixture.location.locks)
            defer { lock.close() }
            #expect(lock.tryExclusive())
            let before = fixture.clock.now
            #expect(try await fixture.provider(store).token(for: acme, goodFor: .seconds(60)).text == "t-1")
            let waited = fixture.clock.now.timeIntervalSince(before)
            #expect(14.9...15.1 ~= waited)
        }
    }

    @Test("When the holder dies without a token, one of those who wait goes on")
    func holderDies() async throws {
        try await withStore(clock: TestClocks(waitsForReal: true)) { fixture, store, acme in
            let state = try await store.state(of: .tenant(acme))
            let lock = try ProcessLock(state.lockName, in: fixture.location.locks)
            #expect(lock.tryExclusive())
            async let token = fixture.provider(store).token(for: acme, goodFor: .seconds(60))
            try await eventually { fixture.clock.waits.count >= 3 }
            #expect(fixture.issuer.calls == 0)
            // What the kernel does when a process dies.
            lock.close()
            #expect(try await token.text == "t-1")
            #expect(fixture.issuer.calls == 1)
        }
    }

    @Test("A failure of the one who renews is the failure of those who waited, without calls of their own")
    func failureIsShared() async throws {
        try await withStore(clock: TestClocks(waitsForReal: true)) { fixture, store, acme in
            fixture.issuer.fail(.offline)
            let open = fixture.issuer.hold()
            let first = fixture.provider(store)
            let second = fixture.provider(try await fixture.open(.existing))
            let one = Task { try await first.token(for: acme, goodFor: .seconds(60)) }
            try await eventually { fixture.issuer.calls >= 1 }
            let two = Task { try await second.token(for: acme, goodFor: .seconds(60)) }
            try await eventually { fixture.clock.waits.count >= 3 }
            open()
            await #expect(throws: LarkError.self) { try await one.value }
            await #expect(throws: LarkError.self) { try await two.value }
            #expect(fixture.issuer.calls == 1)
            fixture.issuer.fail(nil)
            #expect(try await second.token(for: acme, goodFor: .seconds(60)).text == "t-2")
        }
    }

    @Test("Of twenty that take the lock and give it up again and again, never two have it")
    func lockIsExclusive() async throws {
        try await withTemporaryFolder { folder in
            let tally = CountdownWaiter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...20 {
                    group.addTask {
                        for _ in 1...500 {
                            let lock = try ProcessLock("x.lock", in: folder.appending("locks"))
                            defer { lock.close() }
                            guard lock.tryExclusive() else { continue }
                            #expect(tally.enter() == 1)
                            await Task.yield()
                            tally.leave()
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(tally.entries > 0)
            #expect(try folder.names(in: "locks") == ["x.lock"])
        }
    }
}

/// How many are inside at once, and how often anybody was.
private final class CountdownWaiter: Sendable {
    private let counts = Mutex((inside: 0, entries: 0))

    var entries: Int { counts.withLock { $0.entries } }

    /// How many are inside now, this one included.
    func enter() -> Int {
        counts.withLock { counts in
            counts.inside += 1
            counts.entries += 1
            return counts.inside
        }
    }

    func leave() { counts.withLock { $0.inside -= 1 } }
}
