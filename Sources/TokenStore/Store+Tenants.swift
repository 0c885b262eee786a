public import FoundationEssentials
import GRDB
public import LarkAPI

/// The app behind a tenant, as an operator registers it.
public struct CustomApp: Sendable {
    /// The app's id.
    public var appID: AppID
    /// The app's secret.
    public var appSecret: Secret
    /// Where the platform answers for it.
    public var host: LarkHost

    /// Takes all three.
    public init(appID: AppID, appSecret: Secret, host: LarkHost) {
        self.appID = appID
        self.appSecret = appSecret
        self.host = host
    }
}

/// What the store tells about a tenant: everything but secrets.
public struct TenantSummary: Sendable {
    /// A token that lives no longer than this is renewed ahead of need.
    package static let renewalWindow = TenantStanding.renewalWindow

    /// The name the operator gave.
    public let name: TenantName
    /// Where the platform answers for it.
    public let host: LarkHost
    /// Its app.
    public let appID: AppID
    /// When it was registered.
    public let createdAt: Date
    /// When the cached token was had, if there is a token.
    public let tokenObtainedAt: Date?
    /// The end of the cached token's life, if there is a token.
    public let tokenExpiresAt: Date?
    /// Why the last request for a token failed, if it did.
    public let lastFailure: String?
    /// What to do about it.
    public let lastRemedy: String?
    /// Until when nobody asks again, if the last request failed.
    public let retryAt: Date?
    /// How many requests for images its app may send.
    public let quota: RequestRate
}

extension Store {
    /// Registers a custom app's tenant.
    ///
    /// - Parameters:
    ///   - name: the name from now on.
    ///   - app: the tenant's app.
    ///   - quota: how many requests for images the platform takes from it.
    ///   - token: a token had while the app was verified, to be cached.
    /// - Throws: ``StoreError`` `tenantExists`, and what writing throws.
    public func addTenant(
        _ name: TenantName, app: CustomApp, quota: RequestRate = .standard, token: TenantAccessToken? = nil
    ) async throws {
        let now = now()
        try await write { database in
            try Self.checkIsNew(name, in: database)
            let record = AppRecord(
                id: Int64.random(in: 1...Int64.max), host: app.host, appID: app.appID, generation: 1)
            try database.execute(
                sql: """
                    INSERT INTO app (id, host, app_id, sealed_secret, generation, created_at, updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    record.id, record.host.origin, record.appID.text, try self.seal(app.appSecret, of: record),
                    record.generation, now, now,
                ]
            )
            try database.execute(
                sql: "INSERT INTO tenant (name, app, tenant_key, created_at) VALUES (?, ?, '', ?)",
                arguments: [name.text, record.id, now]
            )
            try Self.setQuota(quota, of: name, in: database)
            if let token {
                try self.insert(token, app: record, tenantKey: "", obtainedAt: now, renewal: 1, in: database)
            }
        }
    }

    /// Changes a tenant's app; its tokens and remembered refusals are out of reach from then on.
    ///
    /// - Parameters:
    ///   - name: the tenant.
    ///   - app: the app as it shall be.
    ///   - token: a token had while the app was verified, to be cached.
    /// - Throws: ``StoreError`` `unknownTenant`, and what writing throws.
    public func updateTenant(_ name: TenantName, app: CustomApp, token: TenantAccessToken? = nil) async throws {
        let now = now()
        try await write { database in
            let standing = try self.standing(of: name, in: database)
            let record = AppRecord(
                id: standing.app.id, host: app.host, appID: app.appID, generation: standing.app.generation + 1)
            try database.execute(
                sql: """
                    UPDATE app SET host = ?, app_id = ?, sealed_secret = ?, generation = ?, updated_at = ? WHERE id = ?
                    """,
                arguments: [
                    record.host.origin, record.appID.text, try self.seal(app.appSecret, of: record),
                    record.generation, now, record.id,
                ]
            )
            try database.execute(sql: "DELETE FROM token WHERE app = ?", arguments: [record.id])
            try database.execute(sql: "DELETE FROM renewal_failure WHERE app = ?", arguments: [record.id])
            if let token {
                let renewal = standing.renewal + 1
                try self.insert(
                    token, app: record, tenantKey: standing.tenantKey, obtainedAt: now, renewal: renewal, in: database)
            }
        }
    }

    /// Forgets a tenant, its app, secret and tokens.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, and what writing throws.
    public func removeTenant(_ name: TenantName) async throws {
        try await write { database in
            let standing = try self.standing(of: name, in: database)
            try database.execute(sql: "DELETE FROM tenant WHERE name = ?", arguments: [name.text])
            try database.execute(sql: "DELETE FROM app WHERE id = ?", arguments: [standing.app.id])
        }
    }

    /// The app of a tenant, its secret opened.
    ///
    /// - Throws: ``StoreError`` `unknownTenant` or `sealBroken`, and what reading throws.
    public func customApp(of name: TenantName) async throws -> CustomApp {
        let app = try await read { try self.standing(of: name, in: $0).app }
        return CustomApp(appID: app.appID, appSecret: try await appSecret(of: app), host: app.host)
    }

    /// What there is to tell of one tenant.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, and what reading throws.
    public func tenant(_ name: TenantName) async throws -> TenantSummary {
        try await read { try TenantSummary(self.standing(of: name, in: $0)) }
    }

    /// What there is to tell of all tenants, by name.
    ///
    /// - Throws: what reading throws.
    public func tenants() async throws -> [TenantSummary] {
        try await read { database in
            try String.fetchAll(database, sql: "SELECT name FROM tenant ORDER BY name")
                .map { name in
                    try TenantSummary(self.standing(of: TenantName(name), in: database))
                }
        }
    }

    /// Makes sure that a name is free, before the platform is asked about its app.
    ///
    /// - Throws: ``StoreError`` `tenantExists`.
    public func checkIsNew(_ name: TenantName) async throws {
        try await read { try Self.checkIsNew(name, in: $0) }
    }

    private static func checkIsNew(_ name: TenantName, in database: Database) throws {
        let sql = "SELECT 1 FROM tenant WHERE name = ?"
        guard try Int.fetchOne(database, sql: sql, arguments: [name.text]) == nil else {
            throw StoreError(
                .tenantExists, "there is already a tenant \(name)",
                remedy: "Change it with larkimg tenant update \(name), or choose another name"
            )
        }
    }

    private func seal(_ secret: Secret, of app: AppRecord) throws -> Data {
        Data(try sealer.seal(secret, for: .secret(of: app, storeID: storeID)))
    }
}

extension TenantSummary {
    fileprivate init(_ standing: TenantStanding) {
        name = standing.tenant
        host = standing.app.host
        appID = standing.app.appID
        createdAt = standing.createdAt
        tokenObtainedAt = standing.token == nil ? nil : standing.obtainedAt
        tokenExpiresAt = standing.token?.expiresAt
        lastFailure = standing.failure?.error.description
        lastRemedy = standing.failure?.error.remedy
        retryAt = standing.failure?.retryAt
        quota = standing.quota
    }
}
