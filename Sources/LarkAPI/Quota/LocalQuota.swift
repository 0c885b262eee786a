import Synchronization

/// A quota that this process keeps for itself, in memory.
public struct LocalQuota: RequestQuota {
    private let paced: PacedQuota<MemoryLedger>

    /// Gives every tenant the same rate.
    ///
    /// - Parameters:
    ///   - rate: of each API and tenant.
    ///   - timing: the clock, and the waits for permits.
    public init(rate: RequestRate = .standard, timing: Timing = .system) {
        paced = PacedQuota(ledger: MemoryLedger(timing: timing) { _ in rate }, timing: timing)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func admit(
        _ api: LimitedAPI, for tenant: TenantName, expecting expected: Int
    ) async throws -> QuotaPermit {
        try await paced.admit(api, for: tenant, expecting: expected)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func settle(_ permit: QuotaPermit, isAnswered: Bool) async {
        await paced.settle(permit, isAnswered: isAnswered)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func pause(_ api: LimitedAPI, for tenant: TenantName, for duration: Duration) async throws {
        try await paced.pause(api, for: tenant, for: duration)
    }
}

/// Logs in memory.
package final class MemoryLedger: QuotaLedger {
    private let logs = Mutex<[QuotaLine: QuotaLog]>([:])
    private let timing: Timing
    private let rate: @Sendable (TenantName) async throws -> RequestRate

    package init(timing: Timing, rate: @escaping @Sendable (TenantName) async throws -> RequestRate) {
        self.timing = timing
        self.rate = rate
    }

    package func grant(_ count: Int, from line: QuotaLine, trips: [QuotaTrip]) async throws -> QuotaGrant {
        let rate = try await rate(line.tenant)
        return logs.withLock {
            QuotaGrant(
                count, from: &$0[line, default: QuotaLog()], rate: rate, trips: trips, now: timing.now().milliseconds)
        }
    }

    package func epoch(of line: QuotaLine) async throws -> Int64 { logs.withLock { $0[line]?.epoch ?? 0 } }

    package func note(_ report: QuotaReport, on line: QuotaLine) async throws {
        logs.withLock { $0[line, default: QuotaLog()].note(report, now: timing.now().milliseconds) }
    }
}
