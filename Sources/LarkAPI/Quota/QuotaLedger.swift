/// Where the logs of quotas are kept: in memory, in a file that processes share.
package protocol QuotaLedger: Sendable {
    /// Grants requests from a quota's log, corrections first.
    ///
    /// - Returns: at least one instant.
    /// - Throws: what its storage throws.
    func grant(_ count: Int, from line: QuotaLine, corrections: [QuotaCorrection], now: Int64) async throws
        -> QuotaGrant

    /// The epoch of a quota's log: grants of an older one are void.
    ///
    /// - Throws: what its storage throws.
    func epoch(of line: QuotaLine) async throws -> Int64

    /// Grants nothing from a quota before an instant.
    ///
    /// - Throws: what its storage throws.
    func pause(_ line: QuotaLine, until instant: Int64, now: Int64) async throws

    /// Applies corrections and grants nothing.
    ///
    /// - Throws: what its storage throws.
    func correct(_ line: QuotaLine, _ corrections: [QuotaCorrection]) async throws
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
    /// Whether there is a limit at all, so that it matters when requests arrive.
    package let isLimited: Bool

    package init(instants: [Int64], epoch: Int64, isLimited: Bool) {
        self.instants = instants
        self.epoch = epoch
        self.isLimited = isLimited
    }

    /// The most that is granted at once, as far apart at most, in milliseconds: what one process holds, the others
    /// cannot have.
    package static let largest = 10
    package static let horizon: Int64 = 250
}
