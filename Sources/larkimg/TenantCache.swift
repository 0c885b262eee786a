import LarkAPI
import Synchronization

/// The tenants of a run, each looked up once.
final class TenantCache: Sendable {
    private let source: TokenBackend
    private let tenants = Mutex<[TenantName: TokenBackend.Tenant]>([:])

    init(_ source: TokenBackend) {
        self.source = source
    }

    /// The platform of a tenant's app.
    ///
    /// - Throws: an error for an unknown tenant.
    func host(of name: TenantName) async throws -> LarkHost {
        let tenant = try await source.tenant(name)
        tenants.withLock { $0[name] = tenant }
        return tenant.host
    }

    /// The rate limit of a tenant that was looked up before.
    func quota(of tenant: TenantName) -> RequestRate? { tenants.withLock { $0[tenant]?.quota } }

    /// The app of a tenant that was looked up before.
    func appID(of tenant: TenantName) -> AppID? { tenants.withLock { $0[tenant]?.appID } }
}
