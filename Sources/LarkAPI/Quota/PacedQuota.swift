import FoundationEssentials

/// Hands out what a ledger grants, each permit at its instant. The ledger is asked for a few at a time.
package actor PacedQuota<Ledger: QuotaLedger>: RequestQuota {
    private struct Slot {
        let instant: Int64
        let epoch: Int64
    }

    /// A request of which the platform has the answer begun.
    private struct Trip {
        let instant: Int64
        let length: Int64
    }

    private struct Line {
        var slots: [Slot] = []
        var isLimited = true
        /// Of the last seconds, those that may still turn out to have been slow.
        var trips: [Trip] = []
    }

    private let ledger: Ledger
    private let timing: Timing
    private var lines: [QuotaLine: Line] = [:]

    /// How long a trip is kept, in milliseconds: after it, no window of a second reaches back to it.
    private static var memory: Int64 { 2000 }

    package init(ledger: Ledger, timing: Timing) {
        self.ledger = ledger
        self.timing = timing
    }

    package func admit(
        _ api: LimitedAPI, for tenant: TenantName, expecting expected: Int
    ) async throws -> QuotaPermit {
        let line = QuotaLine(api, of: tenant)
        while true {
            let slot = try await nextSlot(of: line, expecting: expected)
            let wait = slot.instant - now
            if wait > 0 { try await timing.sleep(.milliseconds(wait)) }
            guard try await ledger.epoch(of: line) == slot.epoch else {
                lines[line]?.slots.removeAll { $0.epoch == slot.epoch }
                continue
            }
            return QuotaPermit(api, for: tenant, leavesAt: Date(milliseconds: slot.instant))
        }
    }

    package func settle(_ permit: QuotaPermit) {
        let instant = permit.leavesAt.milliseconds
        let line = QuotaLine(permit.api, of: permit.tenant)
        guard lines[line]?.isLimited ?? false else { return }
        lines[line]?.trips.append(Trip(instant: instant, length: max(0, now - instant)))
    }

    package func pause(_ api: LimitedAPI, for tenant: TenantName, for duration: Duration) async throws {
        let line = QuotaLine(api, of: tenant)
        lines[line]?.slots = []
        try await ledger.pause(line, until: now + Int64(duration / .milliseconds(1)), now: now)
    }

    /// Gives back what was granted and not used, for other processes.
    ///
    /// - Throws: what the ledger throws.
    package func giveBack() async throws {
        for (line, state) in lines where !state.slots.isEmpty {
            lines[line]?.slots = []
            try await ledger.correct(line, state.slots.map { QuotaCorrection(granted: $0.instant, arrived: nil) })
        }
    }

    private var now: Int64 { timing.now().milliseconds }

    private func nextSlot(of line: QuotaLine, expecting expected: Int) async throws -> Slot {
        if lines[line]?.slots.isEmpty ?? true {
            let count = min(expected, QuotaGrant.largest)
            let grant = try await ledger.grant(count, from: line, corrections: corrections(of: line), now: now)
            // Another caller may have got a batch meanwhile; the earlier instants come first.
            let slots = grant.instants.map { Slot(instant: $0, epoch: grant.epoch) }
            lines[line, default: Line()].slots += slots
            lines[line]?.isLimited = grant.isLimited
        }
        guard let slot = lines[line]?.slots.first else { return try await nextSlot(of: line, expecting: expected) }
        lines[line]?.slots.removeFirst()
        return slot
    }

    /// The trips that were longer than the fastest by more than the slack: so much later they were counted.
    private func corrections(of line: QuotaLine) -> [QuotaCorrection] {
        guard let trips = lines[line]?.trips, let fastest = trips.map(\.length).min() else { return [] }
        let limit = fastest + QuotaLog.slack
        let slow = trips.filter { $0.length > limit }
        lines[line]?.trips = trips.filter { $0.length <= limit && $0.instant >= now - Self.memory }
        return slow.map { QuotaCorrection(granted: $0.instant, arrived: $0.instant + $0.length - limit) }
    }
}

extension Date {
    /// Milliseconds since 1970.
    package var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

    package init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
