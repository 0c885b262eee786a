import FoundationEssentials

/// Hands out what a quotaStore grants, each permit at its instant. The quotaStore is asked for a few at a time.
package actor PacedRateLimiter<Ledger: QuotaStore>: RateLimiter {
    private struct Slot {
        let instant: Int64
        let epoch: Int64
        /// When it was granted.
        let since: Int64

        /// Whether the clock shows the time that it was granted at, or later.
        func isOfThisClock(_ now: Int64) -> Bool { now > since - 5000 }
    }

    private struct Line {
        var slots: [Slot] = []
        var isLimited = true
        /// Of the last seconds: those that were not slow when they ended may turn out to have been.
        var trips: [RoundTrip] = []
        var minimumRoundTrip = Int64.max
    }

    private let quotaStore: Ledger
    private let timing: Clocks
    private var lines: [QuotaKey: Line] = [:]

    /// How long a trip is kept, in milliseconds: after it, no window of a second reaches back to it.
    private static var memory: Int64 { 2000 }
    /// How long after its instant a slot may still be used, in milliseconds.
    private static var patience: Int64 { 250 }

    package init(quotaStore: Ledger, timing: Clocks) {
        self.quotaStore = quotaStore
        self.timing = timing
    }

    package func acquire(
        _ api: RateLimitedAPI, for tenant: TenantName, expecting expected: Int
    ) async throws -> QuotaPermit {
        let line = QuotaKey(api, of: tenant)
        while true {
            let slot = try await nextSlot(of: line, expecting: expected)
            guard slot.isOfThisClock(now) else { continue }
            let wait = slot.instant - now
            if wait > 0 { try await timing.sleep(.milliseconds(wait)) }
            guard try await quotaStore.epoch(of: line) == slot.epoch else {
                lines[line]?.slots.removeAll { $0.epoch == slot.epoch }
                continue
            }
            return QuotaPermit(api, for: tenant, sendAt: Date(milliseconds: slot.instant))
        }
    }

    package func complete(_ permit: QuotaPermit, isAnswered: Bool) async {
        let line = QuotaKey(permit.api, of: permit.tenant)
        guard let state = lines[line], state.isLimited else { return }
        let granted = permit.sendAt.milliseconds
        let trip = RoundTrip(granted: granted, length: max(0, now - granted), isAnswered: isAnswered)
        let minimumRoundTrip = isAnswered ? min(state.minimumRoundTrip, trip.length) : state.minimumRoundTrip
        lines[line]?.minimumRoundTrip = minimumRoundTrip
        guard minimumRoundTrip < .max, trip.length > minimumRoundTrip + SlidingWindow.slack else {
            lines[line]?.trips.append(trip)
            return
        }
        // Those who are about to send have to know. A quotaStore that fails does so again when it is asked for permits,
        // where it can be told.
        try? await quotaStore.note(QuotaReport(trips: [trip]), on: line)
    }

    package func pause(_ api: RateLimitedAPI, for tenant: TenantName, for duration: Duration) async throws {
        let line = QuotaKey(api, of: tenant)
        lines[line]?.slots = []
        try await quotaStore.note(QuotaReport(pause: Int64(duration / .milliseconds(1))), on: line)
    }

    /// Gives back what was granted and not used, for other processes.
    ///
    /// - Throws: what the quotaStore throws.
    package func releaseUnused() async throws {
        for (line, state) in lines where !state.slots.isEmpty {
            lines[line]?.slots = []
            try await revoke(state.slots, from: line)
        }
    }

    private var now: Int64 { timing.now().milliseconds }

    private func nextSlot(of line: QuotaKey, expecting expected: Int) async throws -> Slot {
        // Those that were not fetched in time would leave together with fresh ones.
        let stale = lines[line]?.slots.filter { $0.instant < now - Self.patience } ?? []
        if !stale.isEmpty {
            lines[line]?.slots.removeAll { $0.instant < now - Self.patience }
            try await revoke(stale, from: line)
        }
        if lines[line]?.slots.isEmpty ?? true {
            let count = min(expected, QuotaGrant.largest)
            let grant = try await quotaStore.grant(count, from: line, trips: recentTrips(of: line))
            // Another caller may have got a batch meanwhile; the earlier instants come first.
            let slots = grant.instants.map { Slot(instant: $0, epoch: grant.epoch, since: grant.now) }
            lines[line, default: Line()].slots += slots
            lines[line]?.isLimited = grant.isLimited
            lines[line]?.minimumRoundTrip = grant.minimumRoundTrip
        }
        guard let slot = lines[line]?.slots.first else { return try await nextSlot(of: line, expecting: expected) }
        lines[line]?.slots.removeFirst()
        return slot
    }

    private func revoke(_ slots: [Slot], from line: QuotaKey) async throws {
        let unused = slots.map { QuotaReport.Unused(instant: $0.instant, epoch: $0.epoch) }
        try await quotaStore.note(QuotaReport(unused: unused), on: line)
    }

    private func recentTrips(of line: QuotaKey) -> [RoundTrip] {
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
