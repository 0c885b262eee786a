import FoundationEssentials
import LarkAPI
import TestSupport
import Testing

@Suite("A rate limiter that counts in memory", .timeLimit(.minutes(1)))
struct PacedRateLimiterTests {
    private func contract() throws -> RateLimiterContract {
        let clock = TestClocks()
        let rate = try RequestRate("2/s,5/m")
        return RateLimiterContract(
            PacedRateLimiter(rate: rate, clocks: clock.timing), tenant: try TenantName("acme"), clock: clock)
    }

    @Test("It keeps to the rate") func rate() async throws { try await contract().keepsToTheRate() }

    @Test("It heeds pauses") func pauses() async throws { try await contract().heedsPauses() }

    @Test("It announces waits") func waits() async throws { try await contract().announcesWaits() }

    @Test("It ends when it is cancelled") func cancellation() async throws {
        try await contract().endsWhenCancelled()
    }

    @Test("A process that wakes late takes a new slot, so that its requests do not bunch up")
    func lateWakeUp() async throws {
        let clock = TestClocks()
        var clocks = clock.timing
        clocks.sleep = { [wait = clocks.sleep] in
            try await wait($0)
            clock.advance(0.2)
        }
        let quota = PacedRateLimiter(rate: try RequestRate("1/s"), clocks: clocks)
        let acme = try TenantName("acme")
        for _ in 0..<3 {
            let permit = try await quota.acquire(.imageGet, for: acme, expecting: 3)
            #expect(clock.now.timeIntervalSince(permit.sendAt) < 0.06)
        }
    }

    @Test("Tenants do not wait for each other")
    func tenants() async throws {
        let clock = TestClocks()
        let quota = PacedRateLimiter(rate: try RequestRate("1/m"), clocks: clock.timing)
        for name in ["a", "b", "c"] {
            _ = try await quota.acquire(.imageGet, for: TenantName(name), expecting: 1)
        }
        #expect(clock.waits.isEmpty)
    }

    @Test("An unlimited rate limiter never waits")
    func unlimited() async throws {
        let clock = TestClocks()
        let quota = UnlimitedRateLimiter(clocks: clock.timing)
        let acme = try TenantName("acme")
        for _ in 0..<1000 {
            _ = try await quota.acquire(.imageGet, for: acme, expecting: 1)
        }
        try await quota.pause(.imageGet, for: acme, for: .seconds(5))
        _ = try await quota.acquire(.imageGet, for: acme, expecting: 1)
        #expect(clock.waits.isEmpty)
    }
}
