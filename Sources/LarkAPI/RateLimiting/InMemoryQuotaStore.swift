import Synchronization

/// Quotas counted in memory.
package final class InMemoryQuotaStore: QuotaStore {
    private let windows = Mutex<[QuotaKey: SlidingWindow]>([:])
    private let clocks: Clocks
    private let rate: @Sendable (TenantName) async throws -> RequestRate

    package init(clocks: Clocks, rate: @escaping @Sendable (TenantName) async throws -> RequestRate) {
        self.clocks = clocks
        self.rate = rate
    }

    package func grant(
        _ count: Int, from key: QuotaKey, releasing unused: [UnusedSlot]
    ) async throws -> QuotaGrant {
        let rate = try await rate(key.tenant)
        return change(key) { window, now in
            window.release(unused)
            return QuotaGrant(count, from: &window, rate: rate, now: now)
        }
    }

    package func epoch(of key: QuotaKey) async throws -> Int64 { windows.withLock { $0[key]?.epoch ?? 0 } }

    package func release(_ unused: [UnusedSlot], of key: QuotaKey) async throws {
        _ = change(key) { window, _ in window.release(unused) }
    }

    package func pause(_ key: QuotaKey, for duration: Duration) async throws {
        change(key) { $0.pause(for: duration, now: $1) }
    }

    /// Counts what another store granted.
    func record(_ grant: QuotaGrant, of key: QuotaKey) {
        guard grant.isLimited else { return }
        change(key) { $0.record(grant.instants, now: $1) }
    }

    private func change<Result: Sendable>(
        _ key: QuotaKey, _ body: (inout SlidingWindow, _ now: Int64) -> Result
    ) -> Result {
        windows.withLock { body(&$0[key, default: SlidingWindow()], clocks.now().milliseconds) }
    }
}
