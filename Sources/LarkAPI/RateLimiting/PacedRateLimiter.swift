public import FoundationEssentials

/// A rate limiter that grants each permit at its instant. Where requests are counted decides who shares the limit.
///
/// ``init(rate:clocks:)`` counts the requests of this process alone. Other modules add initializers for counts that
/// processes and hosts share.
public actor PacedRateLimiter: RateLimiter {
    private struct Slot {
        let instant: Int64
        let epoch: Int64
        let grantedAt: Int64

        /// Whether it was granted before the clock was turned back.
        func isFromTheFuture(_ now: Int64) -> Bool { now <= grantedAt - 5000 }
    }

    private let quotaStore: any QuotaStore
    private let clocks: Clocks
    /// How many calls of the month are left to others; nil for a limiter that does not look at the month.
    private let monthReserve: Int?
    /// The slots that the store granted and no caller has taken, in order.
    private var reserved: [QuotaKey: [Slot]] = [:]
    /// The slots that no caller will take, to be released with the next grant.
    private var unused: [QuotaKey: [Slot]] = [:]
    /// Until when this process sends nothing. The storage need not pause for others on its word alone.
    private var pauseEnds: [QuotaKey: Int64] = [:]

    /// Creates a limiter that counts the requests of this process alone, at the same rate for every tenant.
    ///
    /// - Parameters:
    ///   - rate: the rate of each API and tenant.
    ///   - clocks: the clock, and the waits for permits.
    public init(rate: RequestRate = .standard, clocks: Clocks = .system) {
        self.init(quotaStore: InMemoryQuotaStore(clocks: clocks) { _ in rate }, clocks: clocks)
    }

    /// Creates a limiter over a store of counts, which is asked for a few slots at a time.
    ///
    /// - Parameter monthReserve: how many calls of the month's quota are left to others.
    package init(quotaStore: any QuotaStore, clocks: Clocks, monthReserve: Int? = nil) {
        self.quotaStore = quotaStore
        self.clocks = clocks
        self.monthReserve = monthReserve
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func acquire(
        _ api: RateLimitedAPI, for tenant: TenantName, expecting expected: Int,
        onWait: @Sendable (_ end: Date) -> Void
    ) async throws -> QuotaPermit {
        let key = QuotaKey(api, of: tenant)
        while true {
            let slot = try await nextSlot(of: key, expecting: expected)
            if slot.isFromTheFuture(now) { continue }
            let sendAt = max(slot.instant, pauseEnd(of: key))
            let wait = sendAt - now
            if wait > 0 {
                onWait(Date(milliseconds: sendAt))
                do {
                    try await clocks.sleep(.milliseconds(wait))
                } catch {
                    // For another caller, or for releaseUnused().
                    reserved[key, default: []].insert(slot, at: 0)
                    throw error
                }
                if isLate(slot) {
                    unused[key, default: []].append(slot)
                    continue
                }
            }
            // A pause since the slot was granted has voided it, and all others of its epoch.
            guard try await quotaStore.epoch(of: key) == slot.epoch else {
                reserved[key]?.removeAll { $0.epoch == slot.epoch }
                continue
            }
            return QuotaPermit(api, for: tenant, sendAt: Date(milliseconds: slot.instant), epoch: slot.epoch)
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func pause(_ api: RateLimitedAPI, for tenant: TenantName, for duration: Duration) async throws {
        let key = QuotaKey(api, of: tenant)
        pause(key, until: now + Int64(max(duration, .zero) / .milliseconds(1)))
        let slots = reserved.removeValue(forKey: key) ?? []
        try await quotaStore.pause(key, for: duration)
        // A storage that did not pause for all has not voided them.
        if !slots.isEmpty { try await release(slots, of: key) }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func takeBack(_ permit: QuotaPermit) async {
        guard let epoch = permit.epoch else { return }
        unused[QuotaKey(permit.api, of: permit.tenant), default: []]
            .append(Slot(instant: permit.sendAt.milliseconds, epoch: epoch, grantedAt: now))
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func reportUsedUpMonth(for tenant: TenantName) async throws {
        try await quotaStore.useUpMonth(of: tenant)
    }

    /// Releases the slots that are reserved and not used, for other processes. Call it when no more requests follow.
    ///
    /// - Throws: errors of the storage.
    public func releaseUnused() async throws {
        for key in Set(reserved.keys).union(unused.keys) {
            let slots = (unused.removeValue(forKey: key) ?? []) + (reserved.removeValue(forKey: key) ?? [])
            if !slots.isEmpty { try await release(slots, of: key) }
        }
        try await quotaStore.settle()
    }

    private var now: Int64 { clocks.now().milliseconds }

    private func pause(_ key: QuotaKey, until end: Int64) {
        pauseEnds[key] = max(pauseEnd(of: key), min(end, now + SlidingWindow.longestPause))
    }

    /// The end of this process's pause; 0 if there is none, or if the clock was turned back since.
    private func pauseEnd(of key: QuotaKey) -> Int64 {
        let end = pauseEnds[key] ?? 0
        return end <= now + SlidingWindow.longestPause ? end : 0
    }

    /// Whether the window's margin no longer covers the slot: a process that wakes late would send its requests together
    /// with those of the next slots.
    private func isLate(_ slot: Slot) -> Bool { slot.instant < now - SlidingWindow.margin }

    private func nextSlot(of key: QuotaKey, expecting expected: Int) async throws -> Slot {
        unused[key, default: []] += reserved[key, default: []].filter(isLate)
        reserved[key]?.removeAll(where: isLate)
        while reserved[key, default: []].isEmpty {
            let released = unused.removeValue(forKey: key) ?? []
            let grant: QuotaGrant
            do {
                grant = try await quotaStore.grant(expected, from: key, releasing: Self.released(released))
            } catch {
                unused[key, default: []] += released
                throw error
            }
            pause(key, until: grant.pausedUntil)
            let slots = grant.instants.map { Slot(instant: $0, epoch: grant.epoch, grantedAt: grant.now) }
            let usable = try await leavingReserve(slots, of: key, monthLeft: grant.monthLeft)
            // Another caller may have received slots meanwhile; the earlier instants come first.
            reserved[key, default: []] += usable
        }
        return reserved[key, default: []].removeFirst()
    }

    /// Releases the slots whose requests would use the month's reserve, and returns the others.
    ///
    /// - Throws: ``LarkError`` `tryLater` if none is left.
    private func leavingReserve(_ slots: [Slot], of key: QuotaKey, monthLeft: Int?) async throws -> [Slot] {
        guard let monthReserve else { return slots }
        let missing = monthLeft.map { max(monthReserve - $0, 0) } ?? slots.count
        guard missing > 0 else { return slots }
        let excess = slots.suffix(missing)
        try await release(Array(excess), of: key)
        guard excess.count == slots.count else { return Array(slots.dropLast(excess.count)) }
        throw LarkError.onlyReserveLeft(
            monthLeft.map { $0 + excess.count }, reserve: monthReserve, month: CalendarMonth(of: clocks.now()))
    }

    private func release(_ slots: [Slot], of key: QuotaKey) async throws {
        try await quotaStore.release(Self.released(slots), of: key)
    }

    private static func released(_ slots: [Slot]) -> [UnusedSlot] {
        slots.map { UnusedSlot(instant: $0.instant, epoch: $0.epoch) }
    }
}

extension Date {
    /// Milliseconds since 1970.
    package var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

    package init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
