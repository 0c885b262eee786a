import Synchronization

/// A rate limiter that counts the requests of this process alone.
public struct InMemoryRateLimiter: RateLimiter {
    private let paced: PacedRateLimiter<InMemoryQuotaStore>

    /// Creates a limiter with the same rate for every tenant.
    ///
    /// - Parameters:
    ///   - rate: the rate of each API and tenant.
    ///   - timing: the clock, and the waits for permits.
    public init(rate: RequestRate = .standard, timing: Clocks = .system) {
        paced = PacedRateLimiter(quotaStore: InMemoryQuotaStore(timing: timing) { _ in rate }, timing: timing)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func acquire(
        _ api: RateLimitedAPI, for tenant: TenantName, expecting expected: Int
    ) async throws -> QuotaPermit {
        try await paced.acquire(api, for: tenant, expecting: expected)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func complete(_ permit: QuotaPermit, isAnswered: Bool) async {
        await paced.complete(permit, isAnswered: isAnswered)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func pause(_ api: RateLimitedAPI, for tenant: TenantName, for duration: Duration) async throws {
        try await paced.pause(api, for: tenant, for: duration)
    }
}

/// Quotas counted in memory.
package final class InMemoryQuotaStore: QuotaStore {
    private let logs = Mutex<[QuotaKey: SlidingWindow]>([:])
    private let timing: Clocks
    private let rate: @Sendable (TenantName) async throws -> RequestRate

    package init(timing: Clocks, rate: @escaping @Sendable (TenantName) async throws -> RequestRate) {
        self.timing = timing
        self.rate = rate
    }

    package func grant(_ count: Int, from key: QuotaKey, trips: [RoundTrip]) async throws -> QuotaGrant {
        let rate = try await rate(key.tenant)
        return logs.withLock {
            QuotaGrant(
                count, from: &$0[key, default: SlidingWindow()], rate: rate, trips: trips,
                now: timing.now().milliseconds)
        }
    }

    package func epoch(of key: QuotaKey) async throws -> Int64 { logs.withLock { $0[key]?.epoch ?? 0 } }

    package func note(_ report: QuotaReport, on key: QuotaKey) async throws {
        logs.withLock { $0[key, default: SlidingWindow()].note(report, now: timing.now().milliseconds) }
    }
}
