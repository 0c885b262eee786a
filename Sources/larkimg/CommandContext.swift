import AuthServiceClient
import FoundationEssentials
import LarkAPI
import Synchronization
import TokenStore

/// Connects the parts that a command needs.
enum CommandContext {
    /// Runs a closure with the source of tokens that the options choose, and a client of the platform.
    ///
    /// - Parameter renewsInBackground: whether an expiring token of a store is returned at once while it is renewed, as
    ///   a process that runs for long needs it.
    /// - Throws: errors of opening the store and of the closure.
    static func withTokens<Result>(
        _ options: SourceOptions, perHost: Int? = nil, usesHTTP2: Bool = false, renewsInBackground: Bool = false,
        _ body: (TokenBackend, LarkClient) async throws -> Result
    ) async throws -> Result {
        var connections = try options.network.connections()
        if let perHost { connections.perHost = perHost }
        connections.usesHTTP2 = usesHTTP2
        guard let service = try options.service() else {
            let store = try await Store.open(at: options.store.location())
            return try await LarkClient.withClient(connections: connections) { client in
                let provider = Self.provider(store, client, renewsInBackground: renewsInBackground)
                return try await provider.withRenewals { try await body(TokenBackend(store, provider), client) }
            }
        }
        return try await LarkClient.withClient(connections: service.connections) { client in
            let source = TokenBackend(ServiceClient(service.address, secret: service.secret, client: client))
            return try await LarkClient.withClient(connections: connections) { try await body(source, $0) }
        }
    }

    /// Provides a store's tokens. If a service runs on the store, it waits for a store app's ticket, which was observed
    /// to arrive two minutes after it was requested.
    static func provider(
        _ store: Store, _ client: LarkClient, renewsInBackground: Bool = false
    ) -> StoredTokenProvider {
        StoredTokenProvider(
            store: store, endpoint: TokenEndpoint(client),
            ticketTimeout: { ServiceLock.isHeld(of: store.location) ? .seconds(150) : .zero },
            renewsInBackground: renewsInBackground)
    }

    /// Runs a closure with a client of the platform.
    ///
    /// - Throws: ``InvalidValue`` for the address of a proxy; errors of the closure.
    static func withClient<Result>(
        _ network: NetworkOptions, _ body: (LarkClient) async throws -> Result
    ) async throws -> Result {
        try await LarkClient.withClient(connections: network.connections(), body)
    }
}

/// The source of a command's tokens, permits and tenants: a store or an auth service.
final class TokenBackend: Sendable {
    /// What a command needs to know about a tenant.
    struct Tenant: Sendable {
        let host: LarkHost
        let appID: AppID
        let quota: RequestRate
    }

    let tokens: any TenantTokenProvider
    let quota: any RateLimiter
    /// Requests a token from the platform even if one is cached; nil with a service.
    let renewedToken: (@Sendable (TenantName) async throws -> TenantAccessToken)?
    /// Returns permits that were reserved and not used.
    let releaseUnused: @Sendable () async throws -> Void

    private let lookUp: @Sendable (TenantName) async throws -> Tenant
    private let tenants: Tenants

    /// The tenants that were looked up. A class, since the limiter of the rate reads it too.
    private final class Tenants: Sendable {
        let found = Mutex<[TenantName: Tenant]>([:])
    }

    /// Uses a store.
    init(_ store: Store, _ provider: StoredTokenProvider) {
        let quota = PacedRateLimiter(store: store)
        tokens = provider
        tenants = Tenants()
        self.quota = quota
        lookUp = { name in
            let summary = try await store.tenant(name)
            return Tenant(host: summary.host, appID: summary.appID, quota: summary.quota)
        }
        renewedToken = { try await provider.renewedToken(for: $0) }
        releaseUnused = { try await quota.releaseUnused() }
    }

    /// Uses an auth service.
    init(_ service: ServiceClient) {
        let tenants = Tenants()
        let quota = PacedRateLimiter(service: service) { tenant in
            tenants.found.withLock { $0[tenant]?.quota } ?? .standard
        }
        self.tenants = tenants
        tokens = CachingTokenProvider(service: service)
        self.quota = quota
        lookUp = { name in
            let state = try await service.state(of: name)
            return Tenant(
                host: try LarkHost(state.host, allowInsecureHTTP: true), appID: try AppID(state.appId),
                quota: try RequestRate(state.quota))
        }
        renewedToken = nil
        releaseUnused = { try await quota.releaseUnused() }
    }

    /// Looks up a tenant.
    ///
    /// - Throws: an error for an unknown tenant.
    func tenant(_ name: TenantName) async throws -> Tenant {
        let tenant = try await lookUp(name)
        tenants.found.withLock { $0[name] = tenant }
        return tenant
    }

    /// A tenant as it was looked up before.
    func known(_ name: TenantName) -> Tenant? { tenants.found.withLock { $0[name] } }
}
