import FoundationEssentials
import LarkAPI
import Synchronization
import TestSupport
import Testing

@testable import TokenStore

@Suite("Waiting for another process's renewal", .timeLimit(.minutes(5)))
struct RenewalWaitTests {
    @Test("A process that has waited 15 seconds for another's renewal sends a request of its own", .inFile)
    func waitTimesOut() async throws {
        try await withStore { fixture, store, acme in
            let state = try await store.state(of: .tenant(acme))
            let lock = try ProcessLock(state.lockName, in: fixture.location.locks)
            defer { lock.release() }
            #expect(lock.tryAcquire())
            let before = fixture.clock.now
            #expect(try await fixture.provider(store).token(for: acme, goodFor: .seconds(60)).text == "t-1")
            let waited = fixture.clock.now.timeIntervalSince(before)
            #expect(14.9...15.1 ~= waited)
        }
    }

    @Test("When the holder of the lock dies without a token, a waiting process goes on", .inFile)
    func holderDies() async throws {
        try await withStore(clock: TestClocks(waitsForReal: true)) { fixture, store, acme in
            let state = try await store.state(of: .tenant(acme))
            let lock = try ProcessLock(state.lockName, in: fixture.location.locks)
            #expect(lock.tryAcquire())
            async let token = fixture.provider(store).token(for: acme, goodFor: .seconds(60))
            try await eventually { fixture.clock.waits.count >= 3 }
            #expect(fixture.platform.calls == 0)
            // What the kernel does when a process dies.
            lock.release()
            #expect(try await token.text == "t-1")
            #expect(fixture.platform.calls == 1)
        }
    }

    @Test("A failed renewal fails for the waiting processes too, without requests of their own")
    func failureIsShared() async throws {
        try await withStore(clock: TestClocks(waitsForReal: true)) { fixture, store, acme in
            fixture.platform.fail(.offline)
            let open = fixture.platform.hold()
            let first = fixture.provider(store)
            let second = fixture.provider(try await fixture.open(.existing))
            let one = Task { try await first.token(for: acme, goodFor: .seconds(60)) }
            try await eventually { fixture.platform.calls >= 1 }
            let two = Task { try await second.token(for: acme, goodFor: .seconds(60)) }
            try await eventually { fixture.clock.waits.count >= 3 }
            open()
            await #expect(throws: LarkError.self) { try await one.value }
            await #expect(throws: LarkError.self) { try await two.value }
            #expect(fixture.platform.calls == 1)
            fixture.platform.fail(nil)
            fixture.clock.advance(2)
            #expect(try await second.token(for: acme, goodFor: .seconds(60)).text == "t-2")
        }
    }

    /// A clock of its own for each process, so that the waits of one do not move those of another.
    private func processClock() -> TestClocks { TestClocks(waitsForReal: true) }

    @Test("Of ten processes that wait for a stopped one, a single one sends a request after 15 seconds", .inFile)
    func oneBypass() async throws {
        try await withStore { fixture, store, acme in
            let state = try await store.state(of: .tenant(acme))
            let stopped = try ProcessLock(state.lockName, in: fixture.location.locks)
            defer { stopped.release() }
            #expect(stopped.tryAcquire())
            let open = fixture.platform.hold()
            let clocks = (1...10).map { _ in processClock() }
            try await withThrowingTaskGroup(of: String.self) { group in
                for clock in clocks {
                    let provider = fixture.provider(try await fixture.open(.existing), clock: clock)
                    group.addTask { try await provider.token(for: acme, goodFor: .seconds(60)).text }
                }
                try await eventually { clocks.allSatisfy { $0.waits.count >= 2 } }
                for clock in clocks { clock.advance(15) }
                try await eventually { fixture.platform.calls >= 1 }
                let seen = clocks.map(\.waits.count)
                // Nine of them go on waiting, past the end of their first wait.
                try await eventually { zip(clocks, seen).count { $0.waits.count >= $1 + 3 } == 9 }
                #expect(fixture.platform.calls == 1)
                open()
                for try await text in group { #expect(text == "t-1") }
            }
            #expect(fixture.platform.calls == 1)
        }
    }

    @Test("A waiting process looks at the store every second, even while the lock is held", .inFile)
    func rereadsTheStore() async throws {
        try await withStore { fixture, store, acme in
            let state = try await store.state(of: .tenant(acme))
            let holder = try ProcessLock(state.lockName, in: fixture.location.locks)
            defer { holder.release() }
            #expect(holder.tryAcquire())
            let clock = processClock()
            let provider = fixture.provider(try await fixture.open(.existing), clock: clock)
            async let waiting = provider.token(for: acme, goodFor: .seconds(60))
            try await eventually { clock.waits.count >= 2 }
            let token = try #require(TenantAccessToken("t-x", expiresAt: clock.now.addingTimeInterval(7200)))
            _ = try await store.keep(token, for: state)
            clock.advance(1)
            #expect(try await waiting.text == "t-x")
            #expect(fixture.platform.calls == 0)
        }
    }

    @Test("A wait ends although the clock is turned back all the time")
    func clockTurnedBack() async throws {
        try await withTemporaryFolder { folder in
            let lock = try ProcessLock("x.lock", in: folder.appending("locks"))
            defer { lock.release() }
            #expect(lock.tryAcquire())
            let sleeps = Mutex(0)
            let clocks = Clocks(
                now: { Date(timeIntervalSince1970: -3600 * Double(sleeps.withLock { $0 })) },
                sleep: { _ in sleeps.withLock { $0 += 1 } }, random: { 0.5 })
            let other = try ProcessLock("x.lock", in: folder.appending("locks"))
            defer { other.release() }
            let outcome = try await LockWait.wait(for: [other], timeout: .seconds(15), clocks: clocks) {
                () -> Int? in nil
            }
            guard case .timedOut = outcome else {
                Issue.record("the lock is held")
                return
            }
            let count = sleeps.withLock { $0 }
            #expect(count == 600)
        }
    }

    @Test("Behind two stopped processes, the wait ends with an error that is not remembered", .inFile)
    func bothStopped() async throws {
        try await withStore { fixture, store, acme in
            let state = try await store.state(of: .tenant(acme))
            let locks = try [state.lockName, state.bypassLockName]
                .map { try ProcessLock($0, in: fixture.location.locks) }
            defer { for lock in locks { lock.release() } }
            for lock in locks { #expect(lock.tryAcquire()) }
            let before = fixture.clock.now
            let error = await #expect(throws: LarkError.self) {
                try await fixture.provider(store).token(for: acme, goodFor: .zero)
            }
            #expect(error?.kind == .tryLater)
            #expect(error?.isRetryable == true)
            #expect(29.9...30.2 ~= fixture.clock.now.timeIntervalSince(before))
            #expect(fixture.platform.calls == 0)
            #expect(try await store.state(of: .tenant(acme)).failure == nil)
        }
    }

    @Test(
        "A process that waited gets the error of the one that sent the request, with its kind and times",
        arguments: [LarkError.throttled, .offline, .wrongSecret])
    func sharedError(_ failure: LarkError) async throws {
        try await withStore { fixture, store, acme in
            fixture.platform.fail(failure)
            let open = fixture.platform.hold()
            let first = fixture.provider(store)
            let clock = processClock()
            let second = fixture.provider(try await fixture.open(.existing), clock: clock)
            let one = Task { try await first.token(for: acme, goodFor: .seconds(60)) }
            try await eventually { fixture.platform.calls >= 1 }
            let two = Task { try await second.token(for: acme, goodFor: .seconds(60)) }
            try await eventually { clock.waits.count >= 2 }
            open()
            let sent = await #expect(throws: LarkError.self) { try await one.value }
            let shared = await #expect(throws: LarkError.self) { try await two.value }
            #expect(fixture.platform.calls == 1)
            #expect(shared?.kind == sent?.kind)
            #expect(shared?.description == sent?.description)
            #expect(shared?.isRetryable == sent?.isRetryable)
            #expect(shared?.isThrottling == sent?.isThrottling)
            // What is left of the time that the platform named: the waiting process has a clock of its own.
            #expect((shared?.retryAfter == nil) == (sent?.retryAfter == nil))
            if let left = shared?.retryAfter { #expect(.seconds(1)...Duration.seconds(20) ~= left) }
        }
    }
}
