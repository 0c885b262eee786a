import FoundationEssentials
import LarkAPI
import TestSupport
import Testing

@Suite("A quota in memory", .timeLimit(.minutes(1)))
struct LocalQuotaTests {
    private func contract() throws -> RateLimiterContract {
        let clock = TestClocks()
        let rate = try RequestRate("2/s,5/m")
        return RateLimiterContract(
            InMemoryRateLimiter(rate: rate, timing: clock.timing), tenant: try TenantName("acme"), clock: clock)
    }

    @Test("It keeps to the rate") func rate() async throws { try await contract().keepsToTheRate() }

    @Test("It heeds pauses") func pauses() async throws { try await contract().heedsPauses() }

    @Test("It takes settlements") func settlements() async throws { try await contract().takesSettlements() }

    @Test("It ends when it is cancelled") func cancellation() async throws {
        try await contract().endsWhenCancelled()
    }

    @Test("Tenants do not wait for each other")
    func tenants() async throws {
        let clock = TestClocks()
        let quota = InMemoryRateLimiter(rate: try RequestRate("1/m"), timing: clock.timing)
        for name in ["a", "b", "c"] {
            _ = try await quota.acquire(.imageGet, for: TenantName(name), expecting: 1)
        }
        #expect(clock.waits.isEmpty)
    }

    @Test("A request whose answer came late keeps the next ones back as long")
    func lateArrival() async throws {
        let clock = TestClocks()
        let quota = InMemoryRateLimiter(rate: try RequestRate("2/s"), timing: clock.timing)
        let acme = try TenantName("acme")
        let quick = try await quota.acquire(.imageGet, for: acme, expecting: 1)
        clock.advance(0.010)
        await quota.complete(quick, isAnswered: true)
        let slow = try await quota.acquire(.imageGet, for: acme, expecting: 1)
        clock.advance(0.500)
        await quota.complete(slow, isAnswered: true)
        _ = try await quota.acquire(.imageGet, for: acme, expecting: 1)
        let next = try await quota.acquire(.imageGet, for: acme, expecting: 1)
        // 490 ms later than the quick one, 60 of which the window allows for.
        #expect(abs(next.sendAt.timeIntervalSince(slow.sendAt) - 1.490) < 0.002)
    }

    @Test("Without a quota nobody waits")
    func unlimited() async throws {
        let clock = TestClocks()
        let quota = UnlimitedRateLimiter(timing: clock.timing)
        let acme = try TenantName("acme")
        for _ in 0..<1000 {
            await quota.complete(try await quota.acquire(.imageGet, for: acme, expecting: 1), isAnswered: true)
        }
        try await quota.pause(.imageGet, for: acme, for: .seconds(5))
        _ = try await quota.acquire(.imageGet, for: acme, expecting: 1)
        #expect(clock.waits.isEmpty)
    }
}
