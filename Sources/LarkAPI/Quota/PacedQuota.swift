import FoundationEssentials

/// Hands out what a ledger grants, each permit at its instant. The ledger is asked for a few at a time.
package actor PacedQuota<Ledger: QuotaLedger>: RequestQuota {
    private struct Slot {
        let instant: Int64
        let epoch: Int64
    }

    private struct Line {
        var slots: [Slot] = []
        var isLimited = true
        /// Of the last seconds: those that were not slow when they ended may turn out to have been.
        var trips: [QuotaTrip] = []
        var fastest = Int64.max
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

    package func settle(_ permit: QuotaPermit) async {
        let line = QuotaLine(permit.api, of: permit.tenant)
        guard let state = lines[line], state.isLimited else { return }
        let granted = permit.leavesAt.milliseconds
        let trip = QuotaTrip(granted: granted, length: max(0, now - granted))
        let fastest = min(state.fastest, trip.length)
        lines[line]?.fastest = fastest
        guard trip.length > fastest + QuotaLog.slack else {
            lines[line]?.trips.append(trip)
            return
        }
        // Those who are about to send have to know. A ledger that fails does so again when it is asked for permits,
        // where it can be told.
        let now = now
        try? await ledger.change(line) { $0.settle([trip], now: now) }
    }

    package func pause(_ api: LimitedAPI, for tenant: TenantName, for duration: Duration) async throws {
        let line = QuotaLine(api, of: tenant)
        lines[line]?.slots = []
        let now = now
        let end = now + Int64(duration / .milliseconds(1))
        try await ledger.change(line) { $0.pause(until: end, now: now) }
    }

    /// Gives back what was granted and not used, for other processes.
    ///
    /// - Throws: what the ledger throws.
    package func giveBack() async throws {
        for (line, state) in lines where !state.slots.isEmpty {
            lines[line]?.slots = []
            let unused = state.slots.map(\.instant)
            try await ledger.change(line) { $0.withdraw(unused) }
        }
    }

    private var now: Int64 { timing.now().milliseconds }

    private func nextSlot(of line: QuotaLine, expecting expected: Int) async throws -> Slot {
        if lines[line]?.slots.isEmpty ?? true {
            let count = min(expected, QuotaGrant.largest)
            let grant = try await ledger.grant(count, from: line, trips: recentTrips(of: line), now: now)
            // Another caller may have got a batch meanwhile; the earlier instants come first.
            let slots = grant.instants.map { Slot(instant: $0, epoch: grant.epoch) }
            lines[line, default: Line()].slots += slots
            lines[line]?.isLimited = grant.isLimited
            lines[line]?.fastest = grant.fastest
        }
        guard let slot = lines[line]?.slots.first else { return try await nextSlot(of: line, expecting: expected) }
        lines[line]?.slots.removeFirst()
        return slot
    }

    private func recentTrips(of line: QuotaLine) -> [QuotaTrip] {
        lines[line]?.trips.removeAll { $0.granted < now - Self.memory }
        return lines[line]?.trips ?? []
    }
}

extension Date {
    /// Milliseconds since 1970.
    package var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

    package init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
