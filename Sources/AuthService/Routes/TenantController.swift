package import AuthServiceClient
import FoundationEssentials
import Hummingbird
package import LarkAPI
package import TokenStore

/// The state of tenants, without secrets.
struct TenantController: Sendable {
    let store: Store
    let quotaStore: StoreQuotaStore

    func addRoutes(to group: RouterGroup<ServiceRequestContext>) {
        group.get("v1/tenants", use: list)
        group.get("v1/tenants/{name}", use: show)
    }

    /// The states of all tenants that a principal may use, by name.
    ///
    /// - Throws: what reading throws.
    func states(for principal: Principal) async throws -> [TenantState] {
        try await store.tenantStates(where: principal.mayUse, quotaStore: quotaStore)
    }

    @Sendable
    private func list(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        try .json(["tenants": try await states(for: context.authenticated())])
    }

    @Sendable
    private func show(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let tenant = try context.authorizedTenant()
        return try await ServiceError.about(tenant) {
            try .json(try await store.tenantState(tenant, quotaStore: quotaStore))
        }
    }
}

extension TenantState {
    /// The state of a tenant at an instant.
    ///
    /// - Parameter use: its requests in the last minute; nil where they cannot be counted.
    init(_ summary: TenantSummary, use: [RateLimitedAPI: Int]?, at now: Date) {
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
                images: use.map { $0[.imageGet, default: 0] },
                messageResources: use.map { $0[.messageResourceGet, default: 0] }))
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
    /// - Parameters:
    ///   - isWanted: selects the tenants.
    ///   - quotaStore: counts their requests; nil opens one for this call.
    /// - Throws: what reading throws.
    package func tenantStates(
        where isWanted: (TenantName) -> Bool = { _ in true }, quotaStore: StoreQuotaStore? = nil
    ) async throws -> [TenantState] {
        let summaries = try await tenants().filter { isWanted($0.name) }
        let uses = await uses(of: summaries.map(\.name), quotaStore: quotaStore)
        return summaries.map { summary in
            TenantState(summary, use: uses.map { $0[summary.name] ?? [:] }, at: timing.now())
        }
    }

    /// The state of one tenant.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, and what reading throws.
    package func tenantState(_ name: TenantName, quotaStore: StoreQuotaStore) async throws -> TenantState {
        let summary = try await tenant(name)
        let uses = await uses(of: [name], quotaStore: quotaStore)
        return TenantState(summary, use: uses.map { $0[name] ?? [:] }, at: timing.now())
    }

    /// A count that cannot be read is nil and does not fail the request.
    private func uses(
        of tenants: [TenantName], quotaStore: StoreQuotaStore?
    ) async -> [TenantName: [RateLimitedAPI: Int]]? {
        guard let quotaStore else { return try? await quotaUse(of: tenants) }
        return try? await quotaStore.use(of: tenants)
    }
}
