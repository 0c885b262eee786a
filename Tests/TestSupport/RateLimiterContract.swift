import FoundationEssentials
public import LarkAPI
import Testing

/// What every ``RateLimiter`` owes, whoever implements it. A new one is done when it passes.
public struct RateLimiterContract: Sendable {
    private let quota: any RateLimiter
    private let tenant: TenantName
    private let clock: TestClocks

    /// Checks a quota of 2 a second and 5 a minute.
    ///
    /// - Parameters:
    ///   - quota: nothing was asked of it yet.
    ///   - tenant: one that it knows.
    ///   - clock: the one that it goes by.
    public init(_ quota: any RateLimiter, tenant: TenantName, clock: TestClocks) {
        self.quota = quota
        self.tenant = tenant
        self.clock = clock
    }

    /// Permits come at the rate, each when it may be used, and APIs are counted apart.
    ///
    /// - Throws: what the quota throws.
    public func keepsToTheRate() async throws {
        let start = clock.now
        var instants: [Double] = []
        for left in (1...7).reversed() {
            let permit = try await quota.acquire(.imageGet, for: tenant, expecting: left)
            instants.append(permit.sendAt.timeIntervalSince(start))
            #expect(clock.now.timeIntervalSince(permit.sendAt) > -0.002, "a permit is given when it may be used")
        }
        let whole = instants.map { $0.rounded(.down) }
        #expect(whole == [0, 0, 1, 1, 2, 60, 60])
        let before = clock.now
        _ = try await quota.acquire(.messageResourceGet, for: tenant, expecting: 1)
        #expect(clock.now == before, "another API has a quota of its own")
    }

    /// A pause holds back everyone, also those who had a permit reserved.
    ///
    /// - Throws: what the quota throws.
    public func heedsPauses() async throws {
        _ = try await quota.acquire(.imageGet, for: tenant, expecting: 2)
        let start = clock.now
        try await quota.pause(.imageGet, for: tenant, for: .seconds(30))
        _ = try await quota.acquire(.imageGet, for: tenant, expecting: 1)
        #expect(clock.now.timeIntervalSince(start) >= 29.999)
    }

    /// Settling an old permit, or one twice, breaks nothing.
    ///
    /// - Throws: what the quota throws.
    public func takesSettlements() async throws {
        let permit = try await quota.acquire(.imageGet, for: tenant, expecting: 1)
        for _ in 0..<2 { await quota.complete(permit, isAnswered: true) }
        clock.advance(100)
        await quota.complete(permit, isAnswered: true)
        let start = clock.now
        _ = try await quota.acquire(.imageGet, for: tenant, expecting: 1)
        #expect(clock.now.timeIntervalSince(start) < 60.1)
    }

    /// Who is cancelled waits no longer.
    ///
    /// - Throws: what the quota throws.
    public func endsWhenCancelled() async throws {
        let task = Task {
            while true { _ = try await quota.acquire(.imageGet, for: tenant, expecting: 1) }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
