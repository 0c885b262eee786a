public import LarkAPI

/// Counts requests in the quota database, which all processes on the store share: those of the last minute for the rate,
/// and those of the month.
///
/// A request counts for the month when it is granted, in the transaction that grants it, and no longer when it is released
/// within the minute. So a process that is killed has counted a few requests too many, and never too few.
package actor StoreQuotaStore: QuotaStore {
    let store: Store
    /// Grants the requests of tenants without a limit.
    private let local: InMemoryQuotaStore
    /// The month's calls of tenants without a limit, counted in advance.
    var advances: [QuotaApp: MonthAdvance] = [:]
    /// Whether a released request was one that was granted. A client of a service may claim anything.
    let trustsCallers: Bool
    private var accounts: [TenantName: QuotaAccount] = [:]
    /// Epochs on a server, for a short time: a permit of an epoch that has just ended may still be used.
    private var epochs = ExpiringCache<QuotaKey, Int64>()
    private static let epochTimeToLive = Duration.milliseconds(250)
    private let isOnServer: Bool
    /// By how many milliseconds the clocks may drift apart before the difference is measured again.
    private static let clockTolerance: Int64 = 1000
    /// By how many milliseconds a server's clock is ahead, less the travel time of its answer; nil before the first, and
    /// for a file.
    private var clockOffset: Int64?

    /// - Parameters:
    ///   - store: where the tenants are.
    ///   - trustsCallers: whether callers release only what they were granted.
    package init(store: Store, trustsCallers: Bool = true) {
        self.store = store
        self.trustsCallers = trustsCallers
        isOnServer = store.location.server != nil
        local = InMemoryQuotaStore(clocks: store.timing) { try await store.quotaAccount(of: $0).rate }
    }

    /// How long a quota database that cannot be used is left alone.
    private static let cooldown = Duration.seconds(5)

    /// The same counts, and counts of this process alone while the quota database cannot be used.
    package nonisolated var withFallback: FallbackQuotaStore {
        FallbackQuotaStore(self, local: local, cooldown: Self.cooldown, clocks: store.timing) { error in
            (error as? StoreError).map { $0.code != .unknownTenant } ?? false
        }
    }

    package func grant(
        _ count: Int, from key: QuotaKey, releasing unused: [UnusedSlot]
    ) async throws -> QuotaGrant {
        // Read for every batch: the rate may change during a long run.
        let account = try await store.quotaAccount(of: key.tenant)
        accounts[key.tenant] = account
        guard account.rate != .unlimited else {
            return try await unlimited(count, from: key, account, releasing: unused.count)
        }
        let block = isOnServer ? QuotaGrant.Block.shared(at: account.rate) : .usual
        let released = shifted(unused)
        let missing = await store.ledger.takeUncounted(of: account.app)
        let grant: QuotaGrant
        let monthLeft: Int?
        do {
            (grant, monthLeft) = try await openDatabase()
                .change(counting: account, key.api, clocks: store.timing) { window, calls, now in
                    calls.remove(window.release(released))
                    let grant = QuotaGrant(count, from: &window, rate: account.rate, now: now, block: block)
                    calls.add(grant.instants)
                    calls.add(missing, at: now)
                    return grant
                }
        } catch {
            await store.ledger.remember(missing, of: account.app)
            throw error
        }
        if isOnServer {
            let offset = grant.now - store.timing.now().milliseconds
            // Kept, so that slots are given back at the instants they were granted for.
            if clockOffset.map({ abs(offset - $0) >= Self.clockTolerance }) ?? true { clockOffset = offset }
            epochs.insert(grant.epoch, for: key, at: store.timing.now(), timeToLive: Self.epochTimeToLive)
        }
        let offset = clockOffset ?? 0
        return QuotaGrant(
            instants: grant.instants.map { $0 - offset }, epoch: grant.epoch, now: grant.now - offset,
            isLimited: grant.isLimited, monthLeft: monthLeft)
    }

    private func unlimited(
        _ count: Int, from key: QuotaKey, _ account: QuotaAccount, releasing unused: Int
    ) async throws -> QuotaGrant {
        let grant = try await local.grant(count, from: key)
        let monthLeft = try await countInAdvance(grant.instants.count, of: account, expecting: count)
        giveBack(unused, of: account)
        return QuotaGrant(
            instants: grant.instants, epoch: grant.epoch, now: grant.now, isLimited: false, monthLeft: monthLeft)
    }

    package func epoch(of key: QuotaKey) async throws -> Int64 {
        let account = try await account(of: key.tenant)
        guard account.rate != .unlimited else { return try await local.epoch(of: key) }
        if let epoch = epochs.value(for: key, at: store.timing.now()) { return epoch }
        let epoch = try await openDatabase().window(account, key.api).epoch
        if isOnServer {
            epochs.insert(epoch, for: key, at: store.timing.now(), timeToLive: Self.epochTimeToLive)
        }
        return epoch
    }

    package func release(_ unused: [UnusedSlot], of key: QuotaKey) async throws {
        let account = try await account(of: key.tenant)
        guard account.rate != .unlimited else { return giveBack(unused.count, of: account) }
        let released = shifted(unused)
        _ = try await openDatabase()
            .change(counting: account, key.api, clocks: store.timing) { window, calls, _ in
                calls.remove(window.release(released))
            }
    }

    /// Slots in the time of the database's clock.
    private func shifted(_ unused: [UnusedSlot]) -> [UnusedSlot] {
        unused.map { UnusedSlot(instant: $0.instant + (clockOffset ?? 0), epoch: $0.epoch) }
    }

    package func pause(_ key: QuotaKey, for duration: Duration) async throws {
        let account = try await account(of: key.tenant)
        guard account.rate != .unlimited else { return try await local.pause(key, for: duration) }
        epochs.removeValue(for: key)
        try await openDatabase()
            .change(account, key.api, clocks: store.timing) { window, now in window.pause(for: duration, now: now) }
    }

    func openDatabase() async throws -> QuotaDatabase { try await store.ledger.database() }

    func account(of tenant: TenantName) async throws -> QuotaAccount {
        if let known = accounts[tenant] { return known }
        let account = try await store.quotaAccount(of: tenant)
        accounts[tenant] = account
        return account
    }
}

extension PacedRateLimiter {
    /// Creates a limiter for a store's tenants, each at the rate the store has for it, shared by all processes that
    /// use the store.
    ///
    /// Requests are counted in a file beside the store that never waits for the disk. While the file cannot be used,
    /// this process counts its own requests and logs a warning.
    ///
    /// - Parameters:
    ///   - store: where the tenants are.
    ///   - clocks: the clock, and the waits for permits.
    ///   - monthReserve: how many calls of each app's quota for the month are left to others; nil to use all. With a
    ///     reserve, ``acquire(_:for:expecting:onWait:)`` throws a ``LarkError`` `tryLater` once no others are left, and
    ///     also if the app's quota for the month is not known.
    public init(store: Store, clocks: Clocks = .system, monthReserve: Int? = nil) {
        self.init(
            quotaStore: StoreQuotaStore(store: store).withFallback, clocks: clocks, monthReserve: monthReserve)
    }
}
