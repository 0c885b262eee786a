package import Migrations

/// The migrations of a store on PostgreSQL: the names, versions, tables and columns of those for SQLite.
package enum PostgreSQLMigrations {
    /// The store's migrations in order; the number of the last one applied is the schema's version.
    package static let all = [
        migration("V1_tenants.sql", PackageResources.V1_tenants_sql),
        migration("V2_tenant_quota.sql", PackageResources.V2_tenant_quota_sql),
        migration("V3_store_apps.sql", PackageResources.V3_store_apps_sql),
        migration("V4_clients.sql", PackageResources.V4_clients_sql),
        migration("V5_authenticated_rows.sql", PackageResources.V5_authenticated_rows_sql),
        migration("V6_outages.sql", PackageResources.V6_outages_sql),
        migration("V7_month_quota.sql", PackageResources.V7_month_quota_sql),
        migration("V8_resources.sql", PackageResources.V8_resources_sql),
        migration("V9_secret_references.sql", PackageResources.V9_secret_references_sql),
    ]

    /// The migrations of the quota's tables, which are created with the store's.
    package static let quotaLedger = [
        migration("Q1_quota_ledger.sql", PackageResources.Q1_quota_ledger_sql),
        migration("Q2_month_calls.sql", PackageResources.Q2_month_calls_sql),
    ]

    /// The migrations of the locks, which a store in a file has in files.
    package static let leases = [
        migration("L1_leases.sql", PackageResources.L1_leases_sql)
    ]

    /// The version of the store that tables of the quota or of locks come with.
    package static func introduction(of migration: Migration) -> Int {
        migration.name == "Q2_month_calls.sql" ? Migration.monthCalls : 1
    }

    private static func migration(_ name: String, _ bytes: [UInt8]) -> Migration {
        Migration(name: name, sql: String(decoding: bytes, as: UTF8.self))
    }
}
