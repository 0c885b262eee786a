import Database
public import FoundationEssentials
public import LarkAPI

/// What the store tells about a tenant: everything but secrets.
public struct TenantSummary: Sendable {
    /// The name the operator gave.
    public let name: TenantName
    /// Where the platform answers for it.
    public let host: LarkHost
    /// Its app.
    public let appID: AppID
    /// The store app that it installed; nil where the app is its own.
    public let app: AppName?
    /// How the platform calls it towards a store app.
    public let tenantKey: TenantKey?
    /// When it was registered.
    public let createdAt: Date
    /// When the cached token was had, if there is a token.
    public let tokenObtainedAt: Date?
    /// The end of the cached token's life, if there is a token.
    public let tokenExpiresAt: Date?
    /// Why the last request for a token failed, if it did.
    public let lastFailure: String?
    /// What to do about it.
    public let lastRemedy: Remedy?
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
        _ name: TenantName, app: AppCredentials, quota: RequestRate = .standard, token: TenantAccessToken? = nil
    ) async throws {
        let now = now()
        try await write { connection in
            try Self.checkIsNew(name, in: connection)
            let record = try self.insertApp(nil, app, in: connection)
            try Self.insertTenant(name, app: record, tenantKey: "", quota: quota, at: now, in: connection)
            if let token {
                try self.insert(token, app: record, tenantKey: "", obtainedAt: now, renewal: 1, in: connection)
            }
        }
    }

    /// Registers a tenant that installed a store app.
    ///
    /// - Parameters:
    ///   - name: the name from now on.
    ///   - app: the store app, registered before.
    ///   - tenantKey: how the platform calls the tenant.
    ///   - quota: how many requests for images the platform takes from the app in this tenant.
    ///   - token: a token had while the tenant was verified, to be cached.
    /// - Throws: ``StoreError`` `tenantExists`, `unknownApp`, and what writing throws.
    public func addTenant(
        _ name: TenantName, app: AppName, tenantKey: TenantKey, quota: RequestRate = .standard,
        token: TenantAccessToken? = nil
    ) async throws {
        let now = now()
        try await write { connection in
            try Self.checkIsNew(name, in: connection)
            let record = try self.app(app, in: connection)
            try Self.insertTenant(name, app: record, tenantKey: tenantKey.text, quota: quota, at: now, in: connection)
            let known = try self.state(of: .tenant(name), in: connection)
            if let token, known.token == nil {
                try self.insert(
                    token, app: record, tenantKey: tenantKey.text, obtainedAt: now, renewal: known.renewal + 1,
                    in: connection)
            }
        }
    }

    private static func insertTenant(
        _ name: TenantName, app: AppRecord, tenantKey: String, quota: RequestRate, at now: Int64,
        in connection: any SQLConnection
    ) throws {
        try connection.execute(
            "INSERT INTO tenant (name, app, tenant_key, created_at) VALUES (?, ?, ?, ?)",
            [name.text, app.id, tenantKey, now]
        )
        try setQuota(quota, of: name, in: connection)
    }

    /// Changes the app of a custom app's tenant; its tokens and remembered refusals are out of reach from then on.
    ///
    /// - Parameters:
    ///   - name: the tenant.
    ///   - app: the app as it shall be.
    ///   - token: a token had while the app was verified, to be cached.
    /// - Throws: ``StoreError`` `unknownTenant`; `sharedApp` for a tenant of a store app; what writing throws.
    public func updateTenant(_ name: TenantName, app: AppCredentials, token: TenantAccessToken? = nil) async throws {
        let now = now()
        try await write { connection in
            let state = try self.state(of: .tenant(name), in: connection)
            if let shared = state.app.name { throw Self.sharedApp(shared, of: name) }
            let record = try self.updateApp(state.app, app, in: connection)
            if let token {
                let renewal = state.renewal + 1
                try self.insert(
                    token, app: record, tenantKey: state.tenantKey, obtainedAt: now, renewal: renewal, in: connection
                )
            }
        }
    }

    /// Forgets a tenant and its tokens; with a custom app's tenant, the app and its secret.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, and what writing throws.
    public func removeTenant(_ name: TenantName) async throws {
        try await write { connection in
            let state = try self.state(of: .tenant(name), in: connection)
            try connection.execute("DELETE FROM tenant WHERE name = ?", [name.text])
            guard state.app.name != nil else {
                try connection.execute("DELETE FROM app WHERE id = ?", [state.app.id])
                return
            }
            let place: [any SQLConvertible] = [state.app.id, state.tenantKey]
            let others = "SELECT count(*) FROM tenant WHERE app = ? AND tenant_key = ?"
            guard try connection.value(others, place) == 0 else { return }
            try connection.execute("DELETE FROM token WHERE app = ? AND tenant_key = ?", place)
            try connection.execute("DELETE FROM renewal_failure WHERE app = ? AND tenant_key = ?", place)
        }
    }

    /// The app of a custom app's tenant, its secret opened.
    ///
    /// - Throws: ``StoreError`` `unknownTenant` or `sealBroken`; `sharedApp` for a tenant of a store app; what reading
    ///   throws.
    public func credentials(of name: TenantName) async throws -> AppCredentials {
        let app = try await read { try self.state(of: .tenant(name), in: $0).app }
        if let shared = app.name { throw Self.sharedApp(shared, of: name) }
        return try await credentials(of: app)
    }

    private static func sharedApp(_ app: AppName, of tenant: TenantName) -> StoreError {
        StoreError(
            .sharedApp, "\(tenant) is a tenant of the store app \(app), which others use too",
            remedy: "Change the app with larkimg app update \(app)"
        )
    }

    /// What there is to tell of one tenant.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, and what reading throws.
    public func tenant(_ name: TenantName) async throws -> TenantSummary {
        try await read { try TenantSummary(name, self.state(of: .tenant(name), in: $0, opensToken: false)) }
    }

    /// What there is to tell of all tenants, by name.
    ///
    /// - Throws: what reading throws.
    public func tenants() async throws -> [TenantSummary] {
        try await read { connection in
            try (connection.values("SELECT name FROM tenant ORDER BY name") as [String])
                .map { name in
                    let tenant = try TenantName(name)
                    return try TenantSummary(
                        tenant, self.state(of: .tenant(tenant), in: connection, opensToken: false))
                }
        }
    }

    /// Makes sure that a name is free, before the platform is asked about its app.
    ///
    /// - Throws: ``StoreError`` `tenantExists`.
    public func checkIsNew(_ name: TenantName) async throws {
        try await read { try Self.checkIsNew(name, in: $0) }
    }

    private static func checkIsNew(_ name: TenantName, in connection: any SQLConnection) throws {
        let sql = "SELECT 1 FROM tenant WHERE name = ?"
        guard try connection.row(sql, [name.text]) == nil else {
            throw StoreError(
                .tenantExists, "there is already a tenant \(name)",
                remedy: "Change it with larkimg tenant update \(name), or choose another name"
            )
        }
    }
}

extension TenantSummary {
    fileprivate init(_ name: TenantName, _ state: TokenState) throws {
        self.name = name
        host = state.app.host
        appID = state.app.appID
        app = state.app.name
        tenantKey = state.tenantKey.isEmpty ? nil : try TenantKey(state.tenantKey)
        createdAt = state.createdAt
        tokenObtainedAt = state.obtainedAt
        tokenExpiresAt = state.expiresAt
        lastFailure = state.failure?.error.description
        lastRemedy = state.failure?.error.remedy
        retryAt = state.failure?.retryAt
        quota = state.quota
    }
}
