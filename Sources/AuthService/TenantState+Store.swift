package import AuthServiceClient
import FoundationEssentials
package import LarkAPI
package import TokenStore

extension TenantState {
    /// How a tenant stands at an instant.
    ///
    /// - Parameter use: the requests it has sent in the last minute.
    init(_ summary: TenantSummary, use: [RateLimitedAPI: Int], at now: Date) {
        let left = summary.tokenExpiresAt.map { $0.timeIntervalSince(now) }
        let age: Age =
            switch left {
            case nil: .none
            case let left? where left <= 0: .expired
            case let left?: .seconds(left) > TenantAccessToken.renewalWindow ? .fresh : .expiring
            }
        self.init(
            tenant: summary.name.text, host: summary.host.origin, appId: summary.appID.text, token: age,
            quota: summary.quota.description,
            quotaUsed: Use(
                images: use[.imageGet, default: 0], messageResources: use[.messageResourceGet, default: 0]))
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
    /// How all tenants stand, by name. Where requests cannot be counted, none were.
    ///
    /// - Parameters:
    ///   - isWanted: which tenants.
    ///   - quotaStore: counts their requests; nil opens one for this once.
    /// - Throws: what reading throws.
    package func tenantStates(
        where isWanted: (TenantName) -> Bool = { _ in true }, quotaStore: StoreQuotaStore? = nil
    ) async throws -> [TenantState] {
        let summaries = try await tenants().filter { isWanted($0.name) }
        let uses = await uses(of: summaries.map(\.name), quotaStore: quotaStore)
        return summaries.map { TenantState($0, use: uses[$0.name] ?? [:], at: timing.now()) }
    }

    /// How one tenant stands.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, and what reading throws.
    package func tenantState(_ name: TenantName, quotaStore: StoreQuotaStore) async throws -> TenantState {
        let summary = try await tenant(name)
        return TenantState(summary, use: await uses(of: [name], quotaStore: quotaStore)[name] ?? [:], at: timing.now())
    }

    private func uses(of tenants: [TenantName], quotaStore: StoreQuotaStore?) async -> [TenantName: [RateLimitedAPI:
        Int]]
    {
        // Nobody's request fails for want of a count.
        guard let quotaStore else { return (try? await quotaUse(of: tenants)) ?? [:] }
        return (try? await quotaStore.use(of: tenants)) ?? [:]
    }
}
