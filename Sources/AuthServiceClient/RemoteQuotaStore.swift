import FoundationEssentials
public import LarkAPI

/// The quotas that an auth service counts, so that they hold across hosts.
///
/// The service counts in the time of its own clock. The difference to this machine's clock is measured with the first
/// response and kept, so that all instants are shifted alike.
package actor RemoteQuotaStore: QuotaStore {
    /// An epoch is not asked for again within this time, since no permit is used later than that after its instant.
    private static let epochTimeToLive = Duration.milliseconds(250)
    /// By how many milliseconds the clocks may drift apart before the difference is measured again.
    private static let clockTolerance: Int64 = 1000

    private let service: ServiceClient
    private let clocks: Clocks
    private var clockOffset: Int64?
    private var epochs = ExpiringCache<QuotaKey, Int64>()

    package init(_ service: ServiceClient, clocks: Clocks = .system) {
        self.service = service
        self.clocks = clocks
    }

    package func grant(
        _ count: Int, from key: QuotaKey, releasing unused: [UnusedSlot]
    ) async throws -> QuotaGrant {
        let request = QuotaRequest(
            key.api, count: min(count, QuotaGrant.largest), unused: unused.isEmpty ? nil : shifted(unused))
        let response = try await post(request, about: key)
        guard !response.instants.isEmpty else { throw invalidResponse }
        let offset = clockOffset(of: response)
        return QuotaGrant(
            instants: response.instants.map { $0 - offset }, epoch: response.epoch, now: response.now - offset,
            isLimited: response.isLimited,
            pausedUntil: response.pausedMs.map { clocks.now().milliseconds + $0 } ?? 0,
            monthLeft: response.monthLeft.map { Int($0) })
    }

    package func epoch(of key: QuotaKey) async throws -> Int64 {
        if let epoch = epochs.value(for: key, at: clocks.now()) { return epoch }
        return try await post(QuotaRequest(key.api), about: key).epoch
    }

    package func release(_ unused: [UnusedSlot], of key: QuotaKey) async throws {
        _ = try await post(QuotaRequest(key.api, unused: shifted(unused)), about: key)
    }

    /// Slots in the time of the service's clock.
    private func shifted(_ unused: [UnusedSlot]) -> [UnusedSlot] {
        unused.map { UnusedSlot(instant: $0.instant + (clockOffset ?? 0), epoch: $0.epoch) }
    }

    package func pause(_ key: QuotaKey, for duration: Duration) async throws {
        let milliseconds = min(Int64(duration / .milliseconds(1)), SlidingWindow.longestPause)
        _ = try await post(QuotaRequest(key.api, pauseMs: milliseconds), about: key)
    }

    private func post(_ request: QuotaRequest, about key: QuotaKey) async throws -> QuotaResponse {
        let response: QuotaResponse = try await service.post(
            request, about: key.tenant, to: "quota", retrying: false)
        guard response.isValid else { throw invalidResponse }
        epochs.insert(response.epoch, for: key, at: clocks.now(), timeToLive: Self.epochTimeToLive)
        return response
    }

    private var invalidResponse: LarkError {
        LarkError(
            .badResponse, "\(service.address) returned invalid quota timestamps",
            remedy: Remedy("", PlatformAction.checkServiceAddress))
    }

    /// By how many milliseconds the service's clock is ahead, less the travel time of its response.
    private func clockOffset(of response: QuotaResponse) -> Int64 {
        let offset = response.now - clocks.now().milliseconds
        if let clockOffset, abs(clockOffset - offset) < Self.clockTolerance { return clockOffset }
        clockOffset = offset
        return offset
    }
}

extension PacedRateLimiter {
    /// How long a service that could not be reached is left alone.
    private static let cooldown = Duration.seconds(5)

    /// Creates a limiter whose requests an auth service counts, for all hosts that use it.
    ///
    /// While the service cannot be reached, this process counts its own requests.
    ///
    /// - Parameters:
    ///   - service: counts the requests.
    ///   - clocks: the clock, and the waits for permits.
    ///   - monthReserve: how many calls of each app's quota for the month are left to others; nil to use all. With a
    ///     reserve, ``acquire(_:for:expecting:onWait:)`` throws a ``LarkError`` `tryLater` once no others are left, and
    ///     also if the service does not know the app's quota for the month.
    ///   - rate: the last rate of a tenant that the service told.
    public init(
        service: ServiceClient, clocks: Clocks = .system, monthReserve: Int? = nil,
        rate: @escaping @Sendable (TenantName) -> RequestRate = { _ in .standard }
    ) {
        let quotaStore = FallbackQuotaStore(
            RemoteQuotaStore(service, clocks: clocks),
            local: InMemoryQuotaStore(clocks: clocks, rate: rate), cooldown: Self.cooldown, clocks: clocks,
            isCovered: \.isTransient)
        self.init(quotaStore: quotaStore, clocks: clocks, monthReserve: monthReserve)
    }
}
