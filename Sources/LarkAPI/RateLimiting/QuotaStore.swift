/// A place where requests are counted: memory, a file that processes share, an auth service.
package protocol QuotaStore: Sendable {
    /// Takes back granted requests that will not be sent, and grants up to `count` others, at least one, in one step.
    ///
    /// - Throws: errors of the storage.
    func grant(_ count: Int, from key: QuotaKey, releasing unused: [UnusedSlot]) async throws -> QuotaGrant

    /// Returns the epoch of a quota. Grants of an older epoch are void.
    ///
    /// - Throws: errors of the storage.
    func epoch(of key: QuotaKey) async throws -> Int64

    /// Takes back granted requests that will not be sent.
    ///
    /// - Throws: errors of the storage.
    func release(_ unused: [UnusedSlot], of key: QuotaKey) async throws

    /// Grants nothing for a while, and voids the grants that are still to come. See ``SlidingWindow/longestPause``.
    ///
    /// - Throws: errors of the storage.
    func pause(_ key: QuotaKey, for duration: Duration) async throws

    /// Counts requests of the month that were granted elsewhere because this store could not be used.
    func recordGrant(of count: Int, elsewhere key: QuotaKey) async

    /// Records that the platform refuses the requests of a tenant's app until the next month.
    ///
    /// - Throws: errors of the storage.
    func useUpMonth(of tenant: TenantName) async throws

    /// Takes back what it has counted in advance. Call it when no more requests follow.
    ///
    /// - Throws: errors of the storage.
    func settle() async throws
}

// For counts that know no months, and count nothing in advance.
extension QuotaStore {
    package func recordGrant(of count: Int, elsewhere key: QuotaKey) async {}

    package func useUpMonth(of tenant: TenantName) async throws {}

    package func settle() async throws {}
}

extension QuotaStore {
    /// Grants up to `count` requests, at least one.
    ///
    /// - Throws: errors of the storage.
    package func grant(_ count: Int, from key: QuotaKey) async throws -> QuotaGrant {
        try await grant(count, from: key, releasing: [])
    }
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
    /// Whether there is a limit.
    package let isLimited: Bool
    /// Until when this process alone sends nothing, whatever the instants say; 0 if it need not wait.
    package let pausedUntil: Int64
    /// How many calls are left of the app's quota for the month after this grant; nil if that is not known.
    package let monthLeft: Int?

    /// How many requests are granted together. Other processes cannot use them, until they are given back.
    package struct Block: Sendable {
        /// The largest number.
        let count: Int
        /// The longest time between the first and the last, in milliseconds.
        let horizon: Int64

        /// For counts that a process reaches quickly.
        package static let usual = Block(count: QuotaGrant.largest, horizon: 250)

        /// Half a second's worth, for counts that many hosts reach over a network. Larger blocks leave gaps when several
        /// hosts share a rate.
        package static func shared(at rate: RequestRate) -> Block {
            Block(count: max(1, (rate.perSecond ?? 2 * QuotaGrant.largest) / 2), horizon: 500)
        }
    }

    /// The largest number that a service grants together.
    package static let largest = 10

    /// A grant that was counted elsewhere.
    package init(
        instants: [Int64], epoch: Int64, now: Int64, isLimited: Bool, pausedUntil: Int64 = 0, monthLeft: Int? = nil
    ) {
        self.instants = instants
        self.monthLeft = monthLeft
        self.pausedUntil = pausedUntil
        self.epoch = epoch
        self.now = now
        self.isLimited = isLimited
    }

    /// Takes a grant from a window.
    package init(
        _ count: Int, from window: inout SlidingWindow, rate: RequestRate, now: Int64, block: Block = .usual
    ) {
        instants = window.grant(min(count, block.count), rate: rate, now: now, horizon: block.horizon)
        epoch = window.epoch
        self.now = now
        isLimited = rate != .unlimited
        pausedUntil = 0
        monthLeft = nil
    }
}

/// A granted request that will not be sent.
package struct UnusedSlot: Sendable, Hashable, Codable {
    /// In milliseconds of the wall clock.
    package let instant: Int64
    package let epoch: Int64

    package init(instant: Int64, epoch: Int64) {
        self.instant = instant
        self.epoch = epoch
    }
}
