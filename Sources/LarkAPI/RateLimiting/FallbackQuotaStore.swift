import Logging

/// Counts in a shared store, and in memory while that one fails: a process that cannot count together with others
/// still keeps to the rate by itself.
package actor FallbackQuotaStore: QuotaStore {
    private enum Primary { case shared }

    private let shared: any QuotaStore
    /// Knows what the shared store granted to this process, so that its count does not begin at zero.
    private let local: InMemoryQuotaStore
    private let cooldown: Duration
    private let clocks: Clocks
    private let isCovered: @Sendable (any Error) -> Bool
    private var failures = ExpiringCache<Primary, Bool>()

    /// Creates a store over two others.
    ///
    /// - Parameters:
    ///   - shared: the store to prefer.
    ///   - local: the store to use while the shared one fails.
    ///   - cooldown: how long the shared store is left alone after a failure.
    ///   - clocks: the clock.
    ///   - isCovered: whether to count locally after an error; any other error is thrown.
    package init(
        _ shared: any QuotaStore, local: InMemoryQuotaStore, cooldown: Duration, clocks: Clocks,
        isCovered: @escaping @Sendable (any Error) -> Bool
    ) {
        self.shared = shared
        self.local = local
        self.cooldown = cooldown
        self.clocks = clocks
        self.isCovered = isCovered
    }

    package func grant(
        _ count: Int, from key: QuotaKey, releasing unused: [UnusedSlot]
    ) async throws -> QuotaGrant {
        guard let grant = try await sharing({ try await $0.grant(count, from: key, releasing: unused) }) else {
            let grant = try await local.grant(count, from: key, releasing: unused)
            await shared.recordGrant(of: grant.instants.count, elsewhere: key)
            return grant
        }
        local.record(grant, of: key)
        return grant
    }

    package func epoch(of key: QuotaKey) async throws -> Int64 {
        if let epoch = try await sharing({ try await $0.epoch(of: key) }) { return epoch }
        return try await local.epoch(of: key)
    }

    package func release(_ unused: [UnusedSlot], of key: QuotaKey) async throws {
        if try await sharing({ try await $0.release(unused, of: key) }) == nil {
            try await local.release(unused, of: key)
        }
    }

    package func pause(_ key: QuotaKey, for duration: Duration) async throws {
        try await local.pause(key, for: duration)
        _ = try await sharing { try await $0.pause(key, for: duration) }
    }

    package func useUpMonth(of tenant: TenantName) async throws {
        _ = try await sharing { try await $0.useUpMonth(of: tenant) }
    }

    package func settle() async throws {
        _ = try await sharing { try await $0.settle() }
    }

    /// Uses the shared store.
    ///
    /// - Returns: nil while it fails.
    private func sharing<Result: Sendable>(
        _ body: (any QuotaStore) async throws -> Result
    ) async throws -> Result? {
        guard failures.value(for: .shared, at: clocks.now()) == nil else { return nil }
        do {
            return try await body(shared)
        } catch let error where isCovered(error) {
            Logger.current.warning(
                "requests cannot be counted together with other processes, so this process counts its own",
                metadata: ["reason": "\(error)"])
            failures.insert(true, for: .shared, at: clocks.now(), timeToLive: cooldown)
            return nil
        }
    }
}
