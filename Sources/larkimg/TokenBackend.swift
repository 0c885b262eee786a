import AuthServiceClient
import LarkAPI
import Logging
import TokenStore

/// The source of a command's tokens, permits and tenants: a store or an auth service.
struct TokenBackend: Sendable {
    /// What a command needs to know about a tenant.
    struct Tenant: Sendable {
        let host: LarkHost
        let appID: AppID
        let quota: RequestRate
    }

    let tokens: any TenantTokenProvider
    let quota: any RateLimiter
    /// Looks up a tenant; throws if it is unknown.
    let tenant: @Sendable (TenantName) async throws -> Tenant
    /// Requests a token from the platform even if one is cached; nil with a service.
    let renewedToken: (@Sendable (TenantName) async throws -> TenantAccessToken)?
    /// Returns permits that were reserved and not used.
    let releaseUnused: @Sendable () async throws -> Void

    /// Uses a store.
    init(_ store: Store, _ provider: StoredTokenProvider) {
        let quota = PacedRateLimiter(store: store)
        tokens = provider
        self.quota = quota
        tenant = { name in
            let summary = try await store.tenant(name)
            return Tenant(host: summary.host, appID: summary.appID, quota: summary.quota)
        }
        renewedToken = { try await provider.renewedToken(for: $0) }
        releaseUnused = { try await quota.releaseUnused() }
    }

    /// Uses an auth service.
    init(_ service: ServiceClient) {
        let quota = PacedRateLimiter(service: service)
        tokens = CachingTokenProvider(service: service)
        self.quota = quota
        tenant = { name in
            let state = try await service.state(of: name)
            return Tenant(
                host: try LarkHost(state.host, allowInsecureHTTP: true), appID: try AppID(state.appId),
                quota: try RequestRate(state.quota))
        }
        renewedToken = nil
        releaseUnused = { try await quota.releaseUnused() }
    }
}
