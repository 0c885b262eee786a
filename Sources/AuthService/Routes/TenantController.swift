package import AuthServiceClient
import FoundationEssentials
import Hummingbird
package import LarkAPI
import NIOPosix
package import TokenStore

/// The state of tenants, without secrets.
struct TenantController: Sendable {
    private let store: Store
    /// By the tenants that a principal may use; nil is all.
    private let cache: ReadThroughCache<Set<TenantName>?, [TenantState]>

    init(store: Store, timing: Clocks) {
        self.store = store
        cache = ReadThroughCache(timing: timing)
    }

    func addRoutes(to group: RouterGroup<ServiceRequestContext>) {
        group.get("v1/tenants", use: list)
        group.get("v1/tenants/{name}", use: show)
    }

    /// The states of all tenants that a principal may use, by name, at most a second old.
    ///
    /// - Throws: what reading throws.
    func states(for principal: Principal) async throws -> [TenantState] {
        let tenants = if case .client(let grant) = principal { grant.tenants } else { nil as Set<TenantName>? }
        return try await cache.value(for: tenants) { [store] in try await store.tenantStates(of: tenants) }
    }

    @Sendable
    private func list(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let states = try await states(for: context.authenticated())
        return try await NIOThreadPool.singleton.runIfActive { try .json(["tenants": states]) }
    }

    @Sendable
    private func show(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let tenant = try context.authorizedTenant()
        return try await ServiceError.about(tenant) {
            try .json(try await store.tenantState(tenant))
        }
    }
}

extension TenantState {
    /// The state of a tenant at an instant.
    ///
    /// - Parameters:
    ///   - use: its requests in the last minute; nil where they cannot be counted.
    ///   - month: its app's calls in this month; nil where they cannot be counted.
    init(_ summary: TenantSummary, use: [RateLimitedAPI: QuotaUse]?, month: MonthCalls?, at now: Date) {
        let left = summary.tokenExpiresAt.map { $0.timeIntervalSince(now) }
        let age: Age =
            switch summary.tokenAge(at: now) {
            case nil: .none
            case .fresh: .fresh
            case .expiring: .expiring
            case .expired: .expired
            }
        self.init(
            tenant: summary.name.text, host: summary.host.origin, appId: summary.appID.text, token: age,
            quota: summary.quota.description,
            quotaUsed: Use(
                images: use.map { $0[.imageGet]?.requests ?? 0 },
                messageResources: use.map { $0[.messageResourceGet]?.requests ?? 0 }))
        quotaPausedUntil = use?.values.compactMap(\.pausedUntil).max()?.formatted(.iso8601)
        monthCalls = month?.calls
        monthQuota = summary.monthQuota
        app = summary.app?.text
        tenantKey = summary.tenantKey?.text
        tokenObtainedAt = summary.tokenObtainedAt?.formatted(.iso8601)
        tokenExpiresAt = summary.tokenExpiresAt?.formatted(.iso8601)
        tokenExpiresIn = left.map { Int($0.rounded(.down)) }
        lastError = summary.lastFailure.map { TerminalText.visible($0) }
        remedy = summary.lastRemedy.map { TerminalText.visible($0.description) }
        retryAt = summary.retryAt.flatMap { $0 > now ? $0.formatted(.iso8601) : nil }
    }
}

extension Store {
    /// The states of tenants, by name. Requests that cannot be counted are nil.
    ///
    /// - Parameter names: the tenants; nil is all.
    /// - Throws: what reading throws.
    package func tenantStates(of names: Set<TenantName>? = nil) async throws -> [TenantState] {
        let summaries = if let names { try await tenants(named: names) } else { try await tenants() }
        let counts = await counts(of: summaries.map(\.name))
        let now = timing.now()
        return summaries.map {
            TenantState($0, use: counts.use(of: $0.name), month: counts.month(of: $0.name), at: now)
        }
    }

    /// The state of one tenant.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, and what reading throws.
    package func tenantState(_ name: TenantName) async throws -> TenantState {
        let summary = try await tenant(name)
        let counts = await counts(of: [name])
        return TenantState(summary, use: counts.use(of: name), month: counts.month(of: name), at: timing.now())
    }

    private func counts(of tenants: [TenantName]) async -> RequestCounts {
        RequestCounts(uses: try? await quotaUse(of: tenants), months: try? await monthCalls(of: tenants))
    }
}

/// The requests of tenants. A count that cannot be read is nil and does not fail the request.
private struct RequestCounts {
    let uses: [TenantName: [RateLimitedAPI: QuotaUse]]?
    let months: [TenantName: MonthCalls]?

    /// The requests in the last minute.
    func use(of tenant: TenantName) -> [RateLimitedAPI: QuotaUse]? { uses.map { $0[tenant] ?? [:] } }

    /// The calls of the month.
    func month(of tenant: TenantName) -> MonthCalls? { months?[tenant] }
}
