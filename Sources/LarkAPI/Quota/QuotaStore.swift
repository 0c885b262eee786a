/// Where the logs of quotas are kept: in memory, in a file that processes share.
package protocol QuotaStore: Sendable {
    /// Grants requests from a quota's log, after taking note of trips.
    ///
    /// - Returns: at least one instant.
    /// - Throws: what its storage throws.
    func grant(_ count: Int, from line: QuotaKey, trips: [RoundTrip]) async throws -> QuotaGrant

    /// The epoch of a quota's log: grants of an older one are void.
    ///
    /// - Throws: what its storage throws.
    func epoch(of line: QuotaKey) async throws -> Int64

    /// Takes note of what became of grants.
    ///
    /// - Throws: what its storage throws.
    func note(_ report: QuotaReport, on line: QuotaKey) async throws
}

/// What one quota is counted for.
package struct QuotaKey: Sendable, Hashable {
    package let api: RateLimitedAPI
    package let tenant: TenantName

    package init(_ api: RateLimitedAPI, of tenant: TenantName) {
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
    package let minimumRoundTrip: Int64
    /// Whether there is a limit at all, so that it matters when requests arrive.
    package let isLimited: Bool

    /// The most that is granted at once, and how far apart in milliseconds: what one process holds, the others cannot
    /// have.
    package static let largest = 10
    private static let horizon: Int64 = 250

    /// A grant as another counted it.
    package init(instants: [Int64], epoch: Int64, now: Int64, minimumRoundTrip: Int64, isLimited: Bool) {
        self.instants = instants
        self.epoch = epoch
        self.now = now
        self.minimumRoundTrip = minimumRoundTrip
        self.isLimited = isLimited
    }

    /// Takes a grant from a log.
    package init(
        _ count: Int, from log: inout SlidingWindow, rate: RequestRate, trips: [RoundTrip], now: Int64
    ) {
        log.complete(trips, now: now)
        instants = log.grant(count, rate: rate, now: now, horizon: Self.horizon)
        epoch = log.epoch
        self.now = now
        minimumRoundTrip = log.minimumRoundTrip
        isLimited = rate != .unlimited
    }
}

/// What became of requests that were granted.
package struct QuotaReport: Sendable, Hashable {
    /// Grants that were not used, and will not be.
    package struct Unused: Sendable, Hashable, Codable {
        /// In milliseconds of the wall clock.
        package let instant: Int64
        package let epoch: Int64

        package init(instant: Int64, epoch: Int64) {
            self.instant = instant
            self.epoch = epoch
        }
    }

    package var trips: [RoundTrip]
    package var unused: [Unused]
    /// For how many milliseconds nobody shall ask.
    package var pause: Int64?

    package init(trips: [RoundTrip] = [], unused: [Unused] = [], pause: Int64? = nil) {
        self.trips = trips
        self.unused = unused
        self.pause = pause
    }
}

extension SlidingWindow {
    /// Takes note of a report.
    package mutating func note(_ report: QuotaReport, now: Int64) {
        complete(report.trips, now: now)
        for unused in report.unused { revoke([unused.instant], of: unused.epoch) }
        if let pause = report.pause { self.pause(until: now + pause, now: now) }
    }
}
