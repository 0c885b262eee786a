import AuthServiceClient
import LarkAPI
import Logging
import TokenStore

/// Where a command has its tokens, permits and tenants from: a store of this user, or an auth service.
struct TokenBackend: Sendable {
    /// What a command has to know of a tenant.
    struct Tenant: Sendable {
        let host: LarkHost
        let appID: AppID
    }

    let tokens: any TenantTokenProvider
    let quota: any RateLimiter
    /// Looks a tenant up; throws for one that is not there.
    let tenant: @Sendable (TenantName) async throws -> Tenant
    /// Asks the platform for a token, whatever is known; nil where only a service can.
    let renewedToken: (@Sendable (TenantName) async throws -> TenantAccessToken)?
    /// Gives back permits that were reserved and not used.
    let releaseUnused: @Sendable () async throws -> Void

    /// A store's.
    init(_ store: Store, _ client: LarkClient) {
        let provider = CommandContext.provider(store, client)
        let quota = StoredRateLimiter(store: store)
        tokens = provider
        self.quota = quota
        tenant = { name in
            let summary = try await store.tenant(name)
            return Tenant(host: summary.host, appID: summary.appID)
        }
        renewedToken = { try await provider.renewedToken(for: $0) }
        releaseUnused = { try await quota.releaseUnused() }
    }

    /// A service's.
    init(_ service: ServiceClient) {
        let quota = PacedRateLimiter(quotaStore: RemoteQuotaStore(service), timing: .system)
        tokens = CachingTokenProvider(service: service)
        self.quota = quota
        tenant = { name in
            let state = try await service.state(of: name)
            return Tenant(
                host: try LarkHost(state.host, allowInsecureHTTP: true), appID: try AppID(state.appId))
        }
        renewedToken = nil
        releaseUnused = { try await quota.releaseUnused() }
    }
}
