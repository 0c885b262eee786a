/// One step of the schema: a file and its SQL.
package struct Migration: Sendable {
    /// The file's name, such as `V1_tenants.sql`.
    package let name: String

    /// Its statements.
    package let sql: String

    /// Creates a migration.
    package init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }

    private init(_ name: String, _ bytes: [UInt8]) {
        self.init(name: name, sql: String(decoding: bytes, as: UTF8.self))
    }

    /// The store's migrations in order; the number of the last one applied is the store's `user_version`.
    package static let all = [
        Migration("V1_tenants.sql", PackageResources.V1_tenants_sql),
        Migration("V2_tenant_quota.sql", PackageResources.V2_tenant_quota_sql),
        Migration("V3_store_apps.sql", PackageResources.V3_store_apps_sql),
        Migration("V4_clients.sql", PackageResources.V4_clients_sql),
        Migration("V5_authenticated_rows.sql", PackageResources.V5_authenticated_rows_sql),
        Migration("V6_outages.sql", PackageResources.V6_outages_sql),
        Migration("V7_month_quota.sql", PackageResources.V7_month_quota_sql),
        Migration("V8_resources.sql", PackageResources.V8_resources_sql),
        Migration("V9_secret_references.sql", PackageResources.V9_secret_references_sql),
    ]

    /// The version since which rows have authentication codes, which the migration's SQL cannot compute.
    package static let authenticatedRows = 5

    /// The version since which the quota database counts the calls of a month.
    package static let monthCalls = 7

    /// The migrations of the quota database, a file of its own.
    package static let quotaLedger = [
        Migration("Q1_quota_ledger.sql", PackageResources.Q1_quota_ledger_sql),
        Migration("Q2_month_calls.sql", PackageResources.Q2_month_calls_sql),
    ]
}
