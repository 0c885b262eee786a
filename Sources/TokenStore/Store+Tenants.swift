import Database
public import FoundationEssentials
public import LarkAPI

/// A tenant without its secrets and tokens.
public struct TenantSummary: Sendable {
    /// The name that the operator chose.
    public let name: TenantName
    /// The platform's address.
    public let host: LarkHost
    /// The app_id of its app.
    public let appID: AppID
    /// The store app that it installed; nil for a tenant with a custom app.
    public let app: AppName?
    /// The tenant's key on the platform; nil for a tenant with a custom app.
    public let tenantKey: TenantKey?
    /// When it was registered.
    public let createdAt: Date
    /// When the cached token was issued, if there is one.
    public let tokenObtainedAt: Date?
    /// When the cached token expires, if there is one.
    public let tokenExpiresAt: Date?
    /// Why the last request for a token failed, if it did.
    public let lastFailure: String?
    /// What to do about that failure.
    public let lastRemedy: Remedy?
    /// When the token is requested again, if the last request failed.
    public let retryAt: Date?
    /// The rate limit for each image API.
    public let quota: RequestRate
    /// How many calls its app may make in a calendar month, as the operator said; nil if that is not known.
    public let monthQuota: Int?
}

extension Store {
    /// Registers a custom app's tenant.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - app: the tenant's app.
    ///   - quota: the rate limit for each image API.
    ///   - monthQuota: how many calls the app may make in a calendar month, one of ``monthQuotas``; nil if that is not known.
    ///   - token: a token obtained while the app was verified, to be cached.
    /// - Throws: `InvalidValue`; ``StoreError`` `tenantExists`, or an error of writing.
    public func addTenant(
        _ name: TenantName, app: AppCredentials, quota: RequestRate = .standard, monthQuota: Int? = nil,
        token: TenantAccessToken? = nil
    ) async throws {
        try Self.check(monthQuota: monthQuota)
        let now = now()
        try await write { connection in
            try Self.checkIsNew(name, in: connection)
            let record = try self.insertApp(nil, app, monthQuota: monthQuota, in: connection)
            try self.insertTenant(name, app: record, tenantKey: "", quota: quota, at: now, in: connection)
            if let token {
                try self.insert(token, app: record, tenantKey: "", obtainedAt: now, renewal: 1, in: connection)
                // The host has just responded.
                try Self.endOutage(of: app.host, in: connection)
            }
        }
    }

    /// Registers a tenant that installed a store app.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - app: the store app, which is registered already.
    ///   - tenantKey: the tenant's key on the platform.
    ///   - quota: the rate limit for each image API.
    ///   - token: a token obtained while the tenant was verified, to be cached.
    /// - Throws: ``StoreError`` `tenantExists`, `unknownApp`, or an error of writing.
    public func addTenant(
        _ name: TenantName, app: AppName, tenantKey: TenantKey, quota: RequestRate = .standard,
        token: TenantAccessToken? = nil
    ) async throws {
        let now = now()
        try await write { connection in
            try Self.checkIsNew(name, in: connection)
            let record = try self.app(app, in: connection)
            try self.insertTenant(name, app: record, tenantKey: tenantKey.text, quota: quota, at: now, in: connection)
            let known = try self.state(of: .tenant(name), in: connection)
            if let token, known.token == nil {
                try self.insert(
                    token, app: record, tenantKey: tenantKey.text, obtainedAt: now, renewal: known.renewal + 1,
                    in: connection)
            }
        }
    }

    private func insertTenant(
        _ name: TenantName, app: AppRecord, tenantKey: String, quota: RequestRate, at now: Int64,
        in connection: any SQLConnection
    ) throws {
        try connection.execute(
            "INSERT INTO tenant (name, app, tenant_key, created_at) VALUES (?, ?, ?, ?)",
            [name.text, app.id, tenantKey, now]
        )
        try Self.setQuota(quota, of: name, in: connection)
        try authenticator.signTenant(name.text, in: connection)
    }

    /// Changes the custom app of a tenant. Its tokens and remembered failures become unreachable.
    ///
    /// - Parameters:
    ///   - name: the tenant.
    ///   - app: the new credentials.
    ///   - token: a token obtained while the app was verified, to be cached.
    /// - Throws: ``StoreError`` `unknownTenant`, `sharedApp` for a tenant of a store app, or an error of writing.
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
                try Self.endOutage(of: app.host, in: connection)
            }
        }
    }

    /// Deletes a tenant and its tokens, and its custom app with the secret.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, or an error of writing.
    public func removeTenant(_ name: TenantName) async throws {
        try await write { connection in
            let found = try connection.row(
                """
                SELECT tenant.app, tenant.tenant_key, app.name IS NOT NULL AS is_shared
                FROM tenant LEFT JOIN app ON app.id = tenant.app WHERE tenant.name = ?
                """,
                [name.text])
            guard let found else { throw self.unknown(.tenant(name), in: connection) }
            let app: Int64 = try found["app"]
            let clients: [String] = try connection.values(
                "SELECT client FROM client_tenant WHERE tenant = ?", [name.text])
            try self.authenticator.changing(clients, in: connection) {
                try connection.execute("DELETE FROM tenant WHERE name = ?", [name.text])
            }
            guard try found["is_shared"] else {
                // Another tenant can point to the app only if the row was changed outside larkimg.
                try connection.execute(
                    "DELETE FROM app WHERE id = ? AND NOT EXISTS (SELECT 1 FROM tenant WHERE app = app.id)", [app])
                return
            }
            let row: [any SQLConvertible] = [app, try found["tenant_key"] as String]
            let others = "SELECT count(*) FROM tenant WHERE app = ? AND tenant_key = ?"
            guard try connection.value(others, row) == 0 else { return }
            try connection.execute("DELETE FROM token WHERE app = ? AND tenant_key = ?", row)
            try connection.execute("DELETE FROM renewal_failure WHERE app = ? AND tenant_key = ?", row)
        }
    }

    /// Returns one tenant.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, or an error of reading.
    public func tenant(_ name: TenantName) async throws -> TenantSummary {
        try await read { try TenantSummary(name, self.state(of: .tenant(name), in: $0, opensToken: false)) }
    }

    /// Returns all tenants, sorted by name.
    ///
    /// - Throws: ``StoreError``.
    public func tenants() async throws -> [TenantSummary] {
        try await read { try self.summaries($0.rows("\(Self.tenantQuery) ORDER BY tenant.name")) }
    }

    /// Returns the tenants with these names, sorted by name; names that are not registered are left out.
    ///
    /// - Throws: ``StoreError``.
    public func tenants(named names: some Collection<TenantName>) async throws -> [TenantSummary] {
        guard let list = SQLList(names.map(\.text)) else { return [] }
        return try await read { connection in
            let sql = "\(Self.tenantQuery) WHERE tenant.name IN (\(list.placeholders)) ORDER BY tenant.name"
            return try self.summaries(connection.rows(sql, list.arguments))
        }
    }

    private func summaries(_ rows: [SQLRow]) throws -> [TenantSummary] {
        try rows.map { row in
            let name = try TenantName(row["tenant_name"])
            return try TenantSummary(name, state(of: .tenant(name), in: row, opensToken: false))
        }
    }

    /// Checks that a name is not in use, before the platform is asked about the app.
    ///
    /// - Throws: ``StoreError`` `tenantExists`, or an error of reading.
    public func checkIsNew(_ name: TenantName) async throws {
        try await read { try Self.checkIsNew(name, in: $0) }
    }

    private static func checkIsNew(_ name: TenantName, in connection: any SQLConnection) throws {
        let sql = "SELECT 1 FROM tenant WHERE name = ?"
        guard try connection.row(sql, [name.text]) == nil else {
            throw StoreError(
                .tenantExists, "there is already a tenant \(name)",
                remedy: Remedy("Choose another name", StoreAction.updateTenant(name))
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
        monthQuota = state.app.monthQuota
    }
}
