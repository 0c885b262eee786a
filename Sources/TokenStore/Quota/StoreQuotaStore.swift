public import LarkAPI
import SystemPackage

/// Counts requests in the quota database, which all processes on the store share.
package actor StoreQuotaStore: QuotaStore {
    private let store: Store
    /// Counts for tenants without a limit, which need no file.
    private let local: InMemoryQuotaStore
    private var database: QuotaDatabase?
    private let opening = SingleFlight<String, QuotaDatabase>()
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

    package init(store: Store) {
        self.store = store
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
        guard account.rate != .unlimited else { return try await local.grant(count, from: key) }
        let block = isOnServer ? QuotaGrant.Block.shared(at: account.rate) : .usual
        let released = shifted(unused)
        let grant = try await openDatabase()
            .change(account, key.api, clocks: store.timing) { window, now in
                window.release(released)
                return QuotaGrant(count, from: &window, rate: account.rate, now: now, block: block)
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
            isLimited: grant.isLimited)
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
        guard account.rate != .unlimited else { return }
        let released = shifted(unused)
        try await openDatabase()
            .change(account, key.api, clocks: store.timing) { window, _ in window.release(released) }
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

    /// The requests that tenants' apps sent in the last minute, as far as they were counted here, and their pauses.
    ///
    /// - Throws: ``StoreError`` when the count cannot be read.
    package func use(of tenants: [TenantName]) async throws -> [TenantName: [RateLimitedAPI: QuotaUse]] {
        // Without a count there is no quota database, and reading creates none.
        guard database != nil || store.hasQuotaLedger else { return [:] }
        return try await store.quotaUse(of: tenants, in: openDatabase())
    }

    /// The quota database, opened once for all concurrent callers.
    private func openDatabase() async throws -> QuotaDatabase {
        if let database { return database }
        let opened = try await opening.value(for: store.location.name) { [store] in try await store.openQuotaDatabase()
        }
        database = opened
        return opened
    }

    private func account(of tenant: TenantName) async throws -> QuotaAccount {
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
    public init(store: Store, clocks: Clocks = .system) {
        self.init(quotaStore: StoreQuotaStore(store: store).withFallback, clocks: clocks)
    }
}
