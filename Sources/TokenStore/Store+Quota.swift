import GRDB
public import LarkAPI

/// Whose requests are counted together: the platform counts for each app in each tenant (document "Frequency
/// control"), whatever names an operator gave to it.
struct QuotaAccount: Sendable, Hashable {
    let host: String
    let appID: String
    let tenantKey: String
    let rate: RequestRate
}

extension Store {
    /// Changes how many requests for images a tenant's app may send.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, and what writing throws.
    public func setQuota(_ quota: RequestRate, of tenant: TenantName) async throws {
        try await write { database in
            try Self.setQuota(quota, of: tenant, in: database)
            if database.changesCount == 0 { throw self.unknown(.tenant(tenant)) }
        }
    }

    /// How many requests tenants' apps have sent in the last minute, as far as they were counted here.
    ///
    /// - Throws: ``StoreError`` when the count cannot be read.
    public func quotaUse(of tenants: [TenantName]) async throws -> [TenantName: [RateLimitedAPI: Int]] {
        // Where nothing was ever counted there is no quotaStore, and looking makes none.
        guard hasQuotaLedger else { return [:] }
        return try await quotaUse(of: tenants, in: try QuotaDatabase(at: location.quotaLedger))
    }

    func quotaUse(of tenants: [TenantName], in quotaStore: QuotaDatabase) async throws -> [TenantName: [RateLimitedAPI:
        Int]]
    {
        let now = timing.now().milliseconds
        var uses: [TenantName: [RateLimitedAPI: Int]] = [:]
        for tenant in tenants {
            // One that was removed meanwhile has used nothing.
            guard let account = try? await quotaAccount(of: tenant) else { continue }
            for api in RateLimitedAPI.allCases {
                uses[tenant, default: [:]][api] = try await quotaStore.log(account, api).count(at: now)
            }
        }
        return uses
    }

    var hasQuotaLedger: Bool { FileStatus.of(location.quotaLedger) != nil }

    static func setQuota(_ quota: RequestRate, of tenant: TenantName, in database: Database) throws {
        // The platform's usual rate is not written down: should it change, a new release knows.
        let isStandard = quota == .standard
        try database.execute(
            sql: "UPDATE tenant SET quota_per_second = ?, quota_per_minute = ? WHERE name = ?",
            arguments: [
                isStandard ? nil : quota.perSecond ?? 0, isStandard ? nil : quota.perMinute ?? 0, tenant.text,
            ]
        )
    }

    static func quota(in row: Row) -> RequestRate {
        guard let perSecond = row["quota_per_second"] as Int?, let perMinute = row["quota_per_minute"] as Int? else {
            return .standard
        }
        // The schema keeps both in their ranges.
        return RequestRate(
            perSecond: perSecond == 0 ? nil : perSecond, perMinute: perMinute == 0 ? nil : perMinute) ?? .standard
    }

    /// What a tenant's requests are counted for.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, and what reading throws.
    func quotaAccount(of tenant: TenantName) async throws -> QuotaAccount {
        let account: QuotaAccount? = try await read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT app.host, app.app_id, tenant.tenant_key, tenant.quota_per_second, tenant.quota_per_minute
                    FROM tenant JOIN app ON app.id = tenant.app WHERE tenant.name = ?
                    """)
            return try Row.fetchOne(statement, arguments: [tenant.text])
                .map { row in
                    QuotaAccount(
                        host: row["host"], appID: row["app_id"], tenantKey: row["tenant_key"], rate: Self.quota(in: row)
                    )
                }
        }
        guard let account else { throw unknown(.tenant(tenant)) }
        return account
    }
}
