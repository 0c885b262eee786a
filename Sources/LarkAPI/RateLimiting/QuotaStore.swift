/// Where requests are counted: in memory, in a file that processes share, at an auth service.
package protocol QuotaStore: Sendable {
    /// Grants requests, after recording round trips of earlier ones.
    ///
    /// - Returns: at least one instant.
    /// - Throws: errors of the storage.
    func grant(_ count: Int, from key: QuotaKey, trips: [RoundTrip]) async throws -> QuotaGrant

    /// Returns the epoch of a quota. Grants of an older epoch are void.
    ///
    /// - Throws: errors of the storage.
    func epoch(of key: QuotaKey) async throws -> Int64

    /// Records what became of grants.
    ///
    /// - Throws: errors of the storage.
    func note(_ report: QuotaReport, on key: QuotaKey) async throws
}

/// The API and tenant that a quota is counted for.
package struct QuotaKey: Sendable, Hashable {
    package let api: RateLimitedAPI
    package let tenant: TenantName

    package init(_ api: RateLimitedAPI, of tenant: TenantName) {
        self.api = api
        self.tenant = tenant
    }
}

/// A few requests that may be sent, each at its instant.
package struct QuotaGrant: Sendable, Hashable {
    /// In milliseconds of the wall clock, in order.
    package let instants: [Int64]
    package let epoch: Int64
    /// When it was granted.
    package let now: Int64
    /// The shortest known round trip, in milliseconds.
    package let minimumRoundTrip: Int64
    /// Whether there is a limit.
    package let isLimited: Bool

    /// The largest number of requests granted together, since other processes cannot use them.
    package static let largest = 10
    /// The longest time between the first and the last of them, in milliseconds.
    private static let horizon: Int64 = 250

    /// A grant that was counted elsewhere.
    package init(instants: [Int64], epoch: Int64, now: Int64, minimumRoundTrip: Int64, isLimited: Bool) {
        self.instants = instants
        self.epoch = epoch
        self.now = now
        self.minimumRoundTrip = minimumRoundTrip
        self.isLimited = isLimited
    }

    /// Takes a grant from a window.
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

/// What became of granted requests.
package struct QuotaReport: Sendable, Hashable {
    /// A grant that will not be used.
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
    /// For how many milliseconds to grant nothing.
    package var pause: Int64?

    package init(trips: [RoundTrip] = [], unused: [Unused] = [], pause: Int64? = nil) {
        self.trips = trips
        self.unused = unused
        self.pause = pause
    }
}

extension SlidingWindow {
    /// Records a report.
    package mutating func note(_ report: QuotaReport, now: Int64) {
        complete(report.trips, now: now)
        for unused in report.unused { revoke([unused.instant], of: unused.epoch) }
        if let pause = report.pause { self.pause(until: now + pause, now: now) }
    }
}
