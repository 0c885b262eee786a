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
        _ options: SourceOptions, perHost: Int? = nil, usesHTTP2: Bool = false, monthReserve: Int? = nil,
        renewsInBackground: Bool = false,
        _ body: (TokenBackend, LarkClient) async throws -> Result
    ) async throws -> Result {
        var connections = try options.network.connections()
        if let perHost { connections.perHost = perHost }
        connections.usesHTTP2 = usesHTTP2
        guard let service = try options.service() else {
            let store = try await Store.open(at: options.store.location())
            return try await LarkClient.withClient(connections: connections) { client in
                let provider = Self.provider(store, client, renewsInBackground: renewsInBackground)
                return try await provider.withRenewals {
                    try await body(TokenBackend(store, provider, monthReserve: monthReserve), client)
                }
            }
        }
        return try await LarkClient.withClient(connections: service.connections) { client in
            let source = TokenBackend(
                ServiceClient(service.address, secret: service.secret, client: client), monthReserve: monthReserve)
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
        /// The store app that it installed, which has the month's quota.
        let app: String?
        let monthQuota: Int?
    }

    let tokens: any TenantTokenProvider
    let quota: any RateLimiter
    /// Requests a token from the platform even if one is cached; nil with a service.
    let renewedToken: (@Sendable (TenantName) async throws -> TenantAccessToken)?
    /// Returns permits that were reserved and not used.
    let releaseUnused: @Sendable () async throws -> Void
    /// Returns the calls of tenants' apps in this month, where they are counted.
    let monthCalls: @Sendable ([TenantName]) async throws -> [TenantName: MonthCalls]
    /// How many calls of the month are left to others.
    let monthReserve: Int?
    /// Keeps what is learned about the resources of messages; nil with a service.
    let memory: (any ResourceMemory)?

    private let lookUp: @Sendable (TenantName) async throws -> Tenant
    private let tenants: Tenants

    /// The tenants that were looked up. A class, since the limiter of the rate reads it too.
    private final class Tenants: Sendable {
        let found = Mutex<[TenantName: Tenant]>([:])
    }

    /// Uses a store.
    init(_ store: Store, _ provider: StoredTokenProvider, monthReserve: Int?) {
        let quota = PacedRateLimiter(store: store, monthReserve: monthReserve)
        self.monthReserve = monthReserve
        memory = store
        tokens = provider
        tenants = Tenants()
        self.quota = quota
        lookUp = { name in
            let summary = try await store.tenant(name)
            return Tenant(
                host: summary.host, appID: summary.appID, quota: summary.quota, app: summary.app?.text,
                monthQuota: summary.monthQuota)
        }
        monthCalls = { try await store.monthCalls(of: $0) }
        renewedToken = { try await provider.renewedToken(for: $0) }
        releaseUnused = { try await quota.releaseUnused() }
    }

    /// Uses an auth service.
    init(_ service: ServiceClient, monthReserve: Int?) {
        let tenants = Tenants()
        self.monthReserve = monthReserve
        memory = nil
        let quota = PacedRateLimiter(service: service, monthReserve: monthReserve) { tenant in
            tenants.found.withLock { $0[tenant]?.quota } ?? .standard
        }
        self.tenants = tenants
        tokens = CachingTokenProvider(service: service)
        self.quota = quota
        lookUp = { name in
            let state = try await service.state(of: name)
            return Tenant(
                host: try LarkHost(state.host, allowInsecureHTTP: true), appID: try AppID(state.appId),
                quota: try RequestRate(state.quota), app: state.app, monthQuota: state.monthQuota)
        }
        monthCalls = { names in
            var months: [TenantName: MonthCalls] = [:]
            for name in names {
                let state = try await service.state(of: name)
                months[name] = state.monthCalls.map { MonthCalls(calls: $0, quota: state.monthQuota) }
            }
            return months
        }
        renewedToken = nil
        releaseUnused = { try await quota.releaseUnused() }
    }

    /// Looks up a tenant.
    ///
    /// - Throws: an error for an unknown tenant; ``CommandError`` if calls are to be left and their number is not known.
    func tenant(_ name: TenantName) async throws -> Tenant {
        let tenant = try await lookUp(name)
        guard monthReserve == nil || tenant.monthQuota != nil else {
            let command = tenant.app.map { "app update \($0)" } ?? "tenant update \(name)"
            throw CommandError(
                description: "--reserve needs the month quota of the app of \(name), which is not set",
                remedy: "Set it where the store is: larkimg \(TerminalText.visible(command)) --month-quota N")
        }
        tenants.found.withLock { $0[name] = tenant }
        return tenant
    }

    /// A tenant as it was looked up before.
    func known(_ name: TenantName) -> Tenant? { tenants.found.withLock { $0[name] } }
}
