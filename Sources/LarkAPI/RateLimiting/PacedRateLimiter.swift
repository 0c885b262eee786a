import FoundationEssentials

/// Grants permits from a quota store, each at its instant. The store is asked for a few at a time.
package actor PacedRateLimiter<Store: QuotaStore>: RateLimiter {
    private struct Slot {
        let instant: Int64
        let epoch: Int64
        let grantedAt: Int64

        /// Whether it was granted before the clock was turned back.
        func isFromTheFuture(_ now: Int64) -> Bool { now <= grantedAt - 5000 }
    }

    /// What is reserved for one API and tenant.
    private struct Reservation {
        var slots: [Slot] = []
        var isLimited = true
        /// Those of the last seconds, since one that did not look slow may turn out to be, once a shorter one is known.
        var trips: [RoundTrip] = []
        var minimumRoundTrip = Int64.max
    }

    private let quotaStore: Store
    private let timing: Clocks
    private var reservations: [QuotaKey: Reservation] = [:]

    /// How long a trip is kept, in milliseconds: no window of a second reaches further back.
    private static var tripRetention: Int64 { 2000 }
    /// How long after its instant a slot may still be used, in milliseconds.
    private static var slotTimeToLive: Int64 { 250 }

    package init(quotaStore: Store, timing: Clocks) {
        self.quotaStore = quotaStore
        self.timing = timing
    }

    package func acquire(
        _ api: RateLimitedAPI, for tenant: TenantName, expecting expected: Int
    ) async throws -> QuotaPermit {
        let key = QuotaKey(api, of: tenant)
        while true {
            let slot = try await nextSlot(of: key, expecting: expected)
            if slot.isFromTheFuture(now) { continue }
            let wait = slot.instant - now
            if wait > 0 { try await timing.sleep(.milliseconds(wait)) }
            guard try await quotaStore.epoch(of: key) == slot.epoch else {
                reservations[key]?.slots.removeAll { $0.epoch == slot.epoch }
                continue
            }
            return QuotaPermit(api, for: tenant, sendAt: Date(milliseconds: slot.instant))
        }
    }

    package func complete(_ permit: QuotaPermit, isAnswered: Bool) async {
        let key = QuotaKey(permit.api, of: permit.tenant)
        guard let reservation = reservations[key], reservation.isLimited else { return }
        let granted = permit.sendAt.milliseconds
        let trip = RoundTrip(granted: granted, length: max(0, now - granted), isAnswered: isAnswered)
        let minimumRoundTrip =
            isAnswered ? min(reservation.minimumRoundTrip, trip.length) : reservation.minimumRoundTrip
        reservations[key]?.minimumRoundTrip = minimumRoundTrip
        guard minimumRoundTrip < .max, trip.length > minimumRoundTrip + SlidingWindow.slack else {
            reservations[key]?.trips.append(trip)
            return
        }
        // Other callers are about to send. A store that fails now fails again when permits are acquired, where the
        // error is thrown.
        try? await quotaStore.note(QuotaReport(trips: [trip]), on: key)
    }

    package func pause(_ api: RateLimitedAPI, for tenant: TenantName, for duration: Duration) async throws {
        let key = QuotaKey(api, of: tenant)
        reservations[key]?.slots = []
        try await quotaStore.note(QuotaReport(pause: Int64(duration / .milliseconds(1))), on: key)
    }

    /// Gives back the grants that were not used, for other processes.
    ///
    /// - Throws: errors of the store.
    package func releaseUnused() async throws {
        for (key, reservation) in reservations where !reservation.slots.isEmpty {
            reservations[key]?.slots = []
            try await revoke(reservation.slots, from: key)
        }
    }

    private var now: Int64 { timing.now().milliseconds }

    private func nextSlot(of key: QuotaKey, expecting expected: Int) async throws -> Slot {
        // Slots that were not used in time would be sent together with new ones.
        let stale = reservations[key]?.slots.filter { $0.instant < now - Self.slotTimeToLive } ?? []
        if !stale.isEmpty {
            reservations[key]?.slots.removeAll { $0.instant < now - Self.slotTimeToLive }
            try await revoke(stale, from: key)
        }
        if reservations[key]?.slots.isEmpty ?? true {
            let count = min(expected, QuotaGrant.largest)
            let grant = try await quotaStore.grant(count, from: key, trips: recentTrips(of: key))
            // Another caller may have received a batch meanwhile; the earlier instants come first.
            let slots = grant.instants.map { Slot(instant: $0, epoch: grant.epoch, grantedAt: grant.now) }
            reservations[key, default: Reservation()].slots += slots
            reservations[key]?.isLimited = grant.isLimited
            reservations[key]?.minimumRoundTrip = grant.minimumRoundTrip
        }
        guard let slot = reservations[key]?.slots.first else { return try await nextSlot(of: key, expecting: expected) }
        reservations[key]?.slots.removeFirst()
        return slot
    }

    private func revoke(_ slots: [Slot], from key: QuotaKey) async throws {
        let unused = slots.map { QuotaReport.Unused(instant: $0.instant, epoch: $0.epoch) }
        try await quotaStore.note(QuotaReport(unused: unused), on: key)
    }

    private func recentTrips(of key: QuotaKey) -> [RoundTrip] {
        reservations[key]?.trips.removeAll { $0.granted < now - Self.tripRetention }
        return reservations[key]?.trips ?? []
    }
}

extension Date {
    /// Milliseconds since 1970.
    package var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

    package init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
