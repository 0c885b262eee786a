public import LarkAPI

/// The quota of a store's tenants, shared by all processes that use the store.
///
/// It is counted in a file beside the store, which never waits for the disk; where that cannot be had, this process
/// counts for itself and says so in a warning.
public struct StoredRateLimiter: RateLimiter {
    private let paced: PacedRateLimiter<StoreQuotaStore>

    /// Counts for a store's tenants, each by the rate the store has for it.
    ///
    /// - Parameters:
    ///   - store: where the tenants are.
    ///   - timing: the clock, and the waits for permits.
    public init(store: Store, timing: Clocks = .system) {
        paced = PacedRateLimiter(quotaStore: StoreQuotaStore(store: store), timing: timing)
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

    /// Gives back what was granted and not used, for other processes: call it when no more will be sent.
    ///
    /// - Throws: what reading the store throws.
    public func releaseUnused() async throws { try await paced.releaseUnused() }
}
