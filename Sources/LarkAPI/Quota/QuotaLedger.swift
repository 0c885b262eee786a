/// Where the logs of quotas are kept: in memory, in a file that processes share.
package protocol QuotaLedger: Sendable {
    /// Grants requests from a quota's log, after taking note of trips.
    ///
    /// - Returns: at least one instant.
    /// - Throws: what its storage throws.
    func grant(_ count: Int, from line: QuotaLine, trips: [QuotaTrip]) async throws -> QuotaGrant

    /// The epoch of a quota's log: grants of an older one are void.
    ///
    /// - Throws: what its storage throws.
    func epoch(of line: QuotaLine) async throws -> Int64

    /// Changes a quota's log.
    ///
    /// - Parameter change: gets the log, and the time at which it has it: whoever waited for others knows only then.
    /// - Throws: what its storage throws.
    func change(
        _ line: QuotaLine, _ change: @escaping @Sendable (inout QuotaLog, _ now: Int64) -> Void
    ) async throws
}

/// What one quota is counted for.
package struct QuotaLine: Sendable, Hashable {
    package let api: LimitedAPI
    package let tenant: TenantName

    package init(_ api: LimitedAPI, of tenant: TenantName) {
        self.api = api
        self.tenant = tenant
    }
}

/// A few requests that may leave, each at its instant.
package struct QuotaGrant: Sendable, Hashable {
    /// In milliseconds of the wall clock, in order.
    package let instants: [Int64]
    package let epoch: Int64
    /// When it was granted.
    package let now: Int64
    /// The shortest trip that the log knows of, in milliseconds.
    package let fastest: Int64
    /// Whether there is a limit at all, so that it matters when requests arrive.
    package let isLimited: Bool

    /// The most that is granted at once, and how far apart in milliseconds: what one process holds, the others cannot
    /// have.
    package static let largest = 10
    private static let horizon: Int64 = 250

    /// Takes a grant from a log.
    package init(
        _ count: Int, from log: inout QuotaLog, rate: RequestRate, trips: [QuotaTrip], now: Int64
    ) {
        log.settle(trips, now: now)
        instants = log.grant(count, rate: rate, now: now, horizon: Self.horizon)
        epoch = log.epoch
        self.now = now
        fastest = log.fastest
        isLimited = rate != .unlimited
    }
}
