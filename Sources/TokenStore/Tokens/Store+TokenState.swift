import Database
import FoundationEssentials
package import LarkAPI
import Logging

extension Store {
    /// The cached token of a tenant, if no renewal is due and it is valid for so long.
    ///
    /// - Throws: ``StoreError``.
    package func freshToken(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken? {
        try await state(of: .tenant(tenant)).freshToken(at: timing.now(), goodFor: minimum)
    }

    /// Reads the state of a token. Takes no lock of ours and writes nothing.
    ///
    /// - Throws: ``StoreError`` `unknownTenant` or `unknownApp`; errors of reading.
    func state(of owner: TokenOwner) async throws -> TokenState {
        try await read { try self.state(of: owner, in: $0) }
    }

    /// Reads the state of a token inside a transaction.
    ///
    /// A cached token or failure that cannot be read counts as none: the next renewal overwrites it.
    ///
    /// - Parameter opensToken: opens the token and checks the tenant's authentication code; listings need neither.
    func state(
        of owner: TokenOwner, in connection: any SQLConnection, opensToken: Bool = true
    ) throws -> TokenState {
        guard let row = try connection.row(Self.query(owner), [owner.name]) else {
            throw unknown(owner, in: connection)
        }
        return try state(of: owner, in: row, opensToken: opensToken)
    }

    /// Reads a row of ``tenantQuery``, or of the query for an app.
    func state(of owner: TokenOwner, in row: SQLRow, opensToken: Bool) throws -> TokenState {
        let app = try Self.app(in: row)
        let tenantKey: String = try row["tenant_key"]
        if case .tenant(let name) = owner {
            // Only a custom app's tenant, and a store app itself, has none.
            if app.name != nil || !tenantKey.isEmpty { _ = try TenantKey(tenantKey) }
            if opensToken {
                try authenticator.checkTenant(
                    name, app: app.id, tenantKey: tenantKey, code: row["authentication_code"])
            }
        }
        return TokenState(
            owner: owner,
            app: app,
            tenantKey: tenantKey,
            createdAt: try row.instant("created_at"),
            quota: try Self.quota(in: row),
            token: opensToken ? cached(owner) { try token(in: row, app: app, tenantKey: tenantKey) } : nil,
            obtainedAt: cached(owner) { try row.optionalInstant("obtained_at") },
            expiresAt: cached(owner) { try row.optionalInstant("expires_at") },
            renewal: cached(owner) { try row["renewal"] as Int64? == nil ? 0 : row.count("renewal") } ?? 0,
            rejection: cached(owner) { try rejection(in: row) },
            failure: cached(owner) { try RenewalFailure(row, of: app.name) }
        )
    }

    /// Checks that a cached token can be opened.
    ///
    /// - Throws: ``StoreError`` `sealBroken`; errors of reading.
    func checkToken(of owner: TokenOwner) async throws {
        try await read { connection in
            guard let row = try connection.row(Self.query(owner), [owner.name]) else {
                throw self.unknown(owner, in: connection)
            }
            _ = try self.token(in: row, app: try Self.app(in: row), tenantKey: try row["tenant_key"])
        }
    }

    /// The error for a name that is not in the store. Its remedy has the nearest name that is.
    func unknown(_ owner: TokenOwner, in connection: any SQLConnection) -> StoreError {
        // The error matters more than a suggestion that cannot be read.
        func advice(_ query: String) -> String {
            let names = (try? connection.values(query) as [String]) ?? []
            return NearestName.of(owner.name, in: names).map { "The nearest name is \($0)" } ?? ""
        }
        return switch owner {
        case .tenant(let tenant):
            StoreError(
                .unknownTenant, "there is no tenant \(tenant) in \(location.name)",
                remedy: Remedy(advice("SELECT name FROM tenant ORDER BY name"), StoreAction.registerTenant(tenant)))
        case .app(let app):
            StoreError(
                .unknownApp, "there is no store app \(app) in \(location.name)",
                remedy: Remedy(
                    advice("SELECT name FROM app WHERE name IS NOT NULL ORDER BY name"), StoreAction.registerApp(app)))
        }
    }

    private static func query(_ owner: TokenOwner) -> String {
        switch owner {
        case .tenant: "\(tenantQuery) WHERE tenant.name = ?"
        case .app: appQuery
        }
    }

    /// All tenants with their tokens and failures.
    static let tenantQuery = """
        SELECT tenant.name AS tenant_name, \(appColumns), \(tokenColumns), \(RenewalFailure.columns),
            tenant.tenant_key, tenant.created_at, tenant.quota_per_second, tenant.quota_per_minute,
            tenant.authentication_code
        FROM tenant JOIN app ON app.id = tenant.app
        LEFT JOIN token ON token.app = app.id AND token.tenant_key = tenant.tenant_key
            AND token.generation = app.generation
        LEFT JOIN renewal_failure AS failure ON failure.app = app.id
            AND failure.tenant_key = tenant.tenant_key AND failure.generation = app.generation
        """

    private static let appQuery = """
        SELECT \(appColumns), \(tokenColumns), \(RenewalFailure.columns),
            '' AS tenant_key, app.created_at, NULL AS quota_per_second, NULL AS quota_per_minute
        FROM app
        LEFT JOIN token ON token.app = app.id AND token.tenant_key = '' AND token.generation = app.generation
        LEFT JOIN renewal_failure AS failure ON failure.app = app.id
            AND failure.tenant_key = '' AND failure.generation = app.generation
        WHERE app.name = ?
        """

    private static let tokenColumns = """
        token.sealed_token, token.obtained_at, token.expires_at, token.renewal,
            token.rejected_digest, token.rejected_at
        """

    /// Reads a value that can be requested from the platform again; nil with a warning if it is damaged.
    func cached<Value>(_ subject: some CustomStringConvertible, _ read: () throws -> Value?) -> Value? {
        do {
            return try read()
        } catch {
            Logger.current.warning(
                "a cached value of the store cannot be read and is ignored",
                metadata: ["of": "\(subject)", "error": "\(error)"])
            return nil
        }
    }

    private func token(in row: SQLRow, app: AppRecord, tenantKey: String) throws -> TenantAccessToken? {
        guard let sealed = try row["sealed_token"] as [UInt8]?, let obtainedAt = try row.optionalInstant("obtained_at"),
            let expiresAt = try row.optionalInstant("expires_at")
        else { return nil }
        let context = SealContext.token(
            of: app, tenantKey: tenantKey, obtainedAt: obtainedAt.seconds, expiresAt: expiresAt.seconds,
            storeID: storeID)
        let secret = try sealer.open(sealed, at: context)
        return TenantAccessToken(secret.revealedText, expiresAt: expiresAt)
    }

    private func rejection(in row: SQLRow) throws -> TokenState.Rejection? {
        guard let digest = try row["rejected_digest"] as [UInt8]?, let at = try row.optionalInstant("rejected_at")
        else { return nil }
        return TokenState.Rejection(digest: digest, at: at)
    }
}
