import LarkAPI
import Synchronization
import TokenStore

/// The tenants of a run, each looked up once.
final class KnownTenants: Sendable {
    private let store: Store
    private let summaries = Mutex<[TenantName: TenantSummary]>([:])

    init(_ store: Store) {
        self.store = store
    }

    /// Where a tenant's app lives.
    ///
    /// - Throws: `StoreError` `unknownTenant`.
    func host(of tenant: TenantName) async throws -> LarkHost {
        let summary = try await store.tenant(tenant)
        summaries.withLock { $0[tenant] = summary }
        return summary.host
    }

    /// The app of a tenant that was looked up before.
    func appID(of tenant: TenantName) -> AppID? { summaries.withLock { $0[tenant]?.appID } }
}
