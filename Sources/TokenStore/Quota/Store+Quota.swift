import Database
public import FoundationEssentials
public import LarkAPI

/// The app and tenant whose requests are counted together: the platform counts for each app in each tenant (document
/// "Frequency control"), whatever names an operator gave to it.
struct QuotaAccount: Sendable, Hashable, CustomStringConvertible {
    let host: String
    let appID: String
    let tenantKey: String
    let rate: RequestRate
    let monthQuota: Int?

    var app: QuotaApp { QuotaApp(host: host, appID: appID) }

    var description: String { "\(host) \(appID) \(tenantKey)" }
}

/// What an app did with its quota of an API.
public struct QuotaUse: Sendable, Hashable {
    /// How many requests it sent in the last minute.
    public let requests: Int
    /// When it may send again, if the platform has told it to wait.
    public let pausedUntil: Date?
}

extension Store {
    /// Changes how many requests for images a tenant's app may send.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, and what writing throws.
    public func setQuota(_ quota: RequestRate, of tenant: TenantName) async throws {
        try await write { connection in
            guard try Self.setQuota(quota, of: tenant, in: connection) else {
                throw self.unknown(.tenant(tenant), in: connection)
            }
        }
    }

    /// The requests that tenants' apps sent in the last minute, as far as they were counted here, and their pauses.
    ///
    /// - Throws: ``StoreError`` when the count cannot be read.
    public func quotaUse(of tenants: [TenantName]) async throws -> [TenantName: [RateLimitedAPI: QuotaUse]] {
        guard await ledger.exists else { return [:] }
        let accounts = try await quotaAccounts(of: tenants)
        let uses = try await ledger.database().uses(of: Set(accounts.values), clocks: timing)
        return accounts.compactMapValues { uses[$0] }
    }

    /// Changes a tenant's rate.
    ///
    /// - Returns: whether there is such a tenant.
    @discardableResult
    static func setQuota(
        _ quota: RequestRate, of tenant: TenantName, in connection: any SQLConnection
    ) throws -> Bool {
        // The standard rate is not stored: a new release may know another one.
        let isStandard = quota == .standard
        let changed = try connection.execute(
            "UPDATE tenant SET quota_per_second = ?, quota_per_minute = ? WHERE name = ?",
            [
                isStandard ? nil : quota.perSecond ?? 0, isStandard ? nil : quota.perMinute ?? 0, tenant.text,
            ]
        )
        return changed > 0
    }

    static func quota(in row: SQLRow) throws -> RequestRate {
        guard let perSecond = try row["quota_per_second"] as Int?, let perMinute = try row["quota_per_minute"] as Int?
        else { return .standard }
        let rate = RequestRate(
            perSecond: perSecond == 0 ? nil : perSecond, perMinute: perMinute == 0 ? nil : perMinute)
        // The schema keeps both in their ranges.
        guard let rate else { throw DatabaseError(.invalidColumn, "columns quota_… hold a rate that is out of range") }
        return rate
    }

    static func monthQuota(in row: SQLRow) throws -> Int? {
        try row["month_quota"] as Int? == nil ? nil : Int(row.count("month_quota"))
    }

    /// Returns the account that a tenant's requests are counted for.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, or an error of reading.
    func quotaAccount(of tenant: TenantName) async throws -> QuotaAccount {
        guard let account = try await quotaAccounts(of: [tenant])[tenant] else {
            throw try await read { self.unknown(.tenant(tenant), in: $0) }
        }
        return account
    }

    /// Returns the accounts of tenants; names that are not registered are left out.
    func quotaAccounts(of tenants: [TenantName]) async throws -> [TenantName: QuotaAccount] {
        guard let list = SQLList(tenants.map(\.text)) else { return [:] }
        return try await read { connection in
            let rows = try connection.rows(
                """
                SELECT tenant.name, app.host, app.app_id, tenant.tenant_key, tenant.quota_per_second,
                    tenant.quota_per_minute, app.month_quota
                FROM tenant JOIN app ON app.id = tenant.app WHERE tenant.name IN (\(list.placeholders))
                """,
                list.arguments)
            let accounts = try rows.map { row in
                (
                    try TenantName(row["name"]),
                    QuotaAccount(
                        host: try row["host"], appID: try row["app_id"], tenantKey: try row["tenant_key"],
                        rate: try Self.quota(in: row), monthQuota: try Self.monthQuota(in: row))
                )
            }
            return Dictionary(accounts) { first, _ in first }
        }
    }
}
