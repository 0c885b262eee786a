import FoundationEssentials
import LarkAPI
import Synchronization
import TestSupport
import Testing

@Suite("Counting alone while a shared count fails", .timeLimit(.minutes(1)))
struct FallbackQuotaStoreTests {
    /// A shared count that can be made to fail.
    private final class SharedStore: QuotaStore {
        private let memory: InMemoryQuotaStore
        let isBroken = Mutex(false)
        let calls = Mutex(0)

        init(_ clock: TestClocks, _ rate: RequestRate) {
            memory = InMemoryQuotaStore(clocks: clock.timing) { _ in rate }
        }

        private func check() throws {
            calls.withLock { $0 += 1 }
            if isBroken.withLock({ $0 }) { throw LarkError(.unreachable, "gone", remedy: nil, isRetryable: true) }
        }

        func grant(_ count: Int, from key: QuotaKey, releasing unused: [UnusedSlot]) async throws -> QuotaGrant {
            try check()
            return try await memory.grant(count, from: key, releasing: unused)
        }

        func epoch(of key: QuotaKey) async throws -> Int64 {
            try check()
            return try await memory.epoch(of: key)
        }

        func release(_ unused: [UnusedSlot], of key: QuotaKey) async throws {
            try check()
            try await memory.release(unused, of: key)
        }

        func pause(_ key: QuotaKey, for duration: Duration) async throws {
            try check()
            try await memory.pause(key, for: duration)
        }
    }

    private let clock = TestClocks()

    private func make() throws -> (SharedStore, PacedRateLimiter, TenantName) {
        let rate = try RequestRate("5/m")
        let shared = SharedStore(clock, rate)
        let store = FallbackQuotaStore(
            shared, local: InMemoryQuotaStore(clocks: clock.timing) { _ in rate }, cooldown: .seconds(5),
            clocks: clock.timing, isCovered: \.isTransient)
        return (shared, PacedRateLimiter(quotaStore: store, clocks: clock.timing), try TenantName("acme"))
    }

    @Test("The count goes on from what was granted before, so no request is sent too early")
    func continues() async throws {
        let (shared, limiter, acme) = try make()
        for _ in 0..<3 { _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1) }
        shared.isBroken.withLock { $0 = true }
        for _ in 0..<2 { _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1) }
        #expect(clock.waits.isEmpty)
        _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1)
        #expect(clock.waits == [.milliseconds(60_060)])
    }

    @Test("A pause from before the failure still holds")
    func paused() async throws {
        let (shared, limiter, acme) = try make()
        try await limiter.pause(.imageGet, for: acme, for: .seconds(30))
        shared.isBroken.withLock { $0 = true }
        _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1)
        #expect(clock.waits == [.seconds(30)])
    }

    @Test("A failed store is left alone for a while, then used again")
    func cooldown() async throws {
        let (shared, limiter, acme) = try make()
        shared.isBroken.withLock { $0 = true }
        for _ in 0..<3 { _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1) }
        #expect(shared.calls.withLock { $0 } == 1)
        shared.isBroken.withLock { $0 = false }
        clock.advance(6)
        _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1)
        #expect(shared.calls.withLock { $0 } > 1)
    }
}
