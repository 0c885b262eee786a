import FoundationEssentials
import GRDB
import LarkAPI

extension Store {
    /// How a token stands. Takes no lock of ours and writes nothing.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, `unknownApp` or `sealBroken`, and what reading throws.
    func state(of owner: TokenOwner) async throws -> TokenState {
        try await read { try self.state(of: owner, in: $0) }
    }

    /// As above, inside a transaction.
    func state(of owner: TokenOwner, in database: Database) throws -> TokenState {
        // Kept by the connection: to a long run, compiling it is most of the work.
        let statement = try database.cachedStatement(sql: Self.query(owner))
        guard let row = try Row.fetchOne(statement, arguments: [Self.name(of: owner)]) else { throw unknown(owner) }
        let app = try Self.app(in: row)
        let tenantKey: String = row["tenant_key"]
        return TokenState(
            owner: owner,
            app: app,
            tenantKey: tenantKey,
            createdAt: Date(seconds: row["created_at"]),
            quota: Self.quota(in: row),
            token: try token(in: row, app: app, tenantKey: tenantKey),
            obtainedAt: (row["obtained_at"] as Int64?).map(Date.init(seconds:)),
            renewal: row["renewal"] ?? 0,
            rejection: rejection(in: row),
            failure: failure(in: row)
        )
    }

    private static func query(_ owner: TokenOwner) -> String {
        switch owner {
        case .tenant: tenantQuery
        case .app: appQuery
        }
    }

    private static let tenantQuery = """
        SELECT \(appColumns), \(tokenColumns),
            tenant.tenant_key, tenant.created_at, tenant.quota_per_second, tenant.quota_per_minute
        FROM tenant JOIN app ON app.id = tenant.app
        LEFT JOIN token ON token.app = app.id AND token.tenant_key = tenant.tenant_key
            AND token.generation = app.generation
        LEFT JOIN renewal_failure AS failure ON failure.app = app.id
            AND failure.tenant_key = tenant.tenant_key AND failure.generation = app.generation
        WHERE tenant.name = ?
        """

    private static let appQuery = """
        SELECT \(appColumns), \(tokenColumns),
            '' AS tenant_key, app.created_at, NULL AS quota_per_second, NULL AS quota_per_minute
        FROM app
        LEFT JOIN token ON token.app = app.id AND token.tenant_key = '' AND token.generation = app.generation
        LEFT JOIN renewal_failure AS failure ON failure.app = app.id
            AND failure.tenant_key = '' AND failure.generation = app.generation
        WHERE app.name = ?
        """

    private static let tokenColumns = """
        token.sealed_token, token.obtained_at, token.expires_at, token.renewal,
            token.rejected_digest, token.rejected_at,
            failure.kind, failure.summary, failure.remedy, failure.http_status, failure.platform_code,
            failure.platform_message, failure.log_id, failure.failures, failure.failed_at, failure.retry_at
        """

    private static func name(of owner: TokenOwner) -> String {
        switch owner {
        case .tenant(let name): name.text
        case .app(let name): name.text
        }
    }

    /// The error for a name that is not in the store.
    func unknown(_ owner: TokenOwner) -> StoreError {
        switch owner {
        case .tenant(let tenant):
            StoreError(
                .unknownTenant, "there is no tenant \(tenant) in \(location.store)",
                remedy: "See larkimg tenant list; register it with larkimg tenant add \(tenant)"
            )
        case .app(let app):
            StoreError(
                .unknownApp, "there is no store app \(app) in \(location.store)",
                remedy: "See larkimg app list; register it with larkimg app add \(app)"
            )
        }
    }

    /// The secret of an app, opened.
    ///
    /// - Throws: ``StoreError`` `sealBroken`; `busy` when the app was changed since it was read.
    func appSecret(of app: AppRecord) async throws -> Secret {
        let sealed = try await read { database in
            try Data.fetchOne(
                database, sql: "SELECT sealed_secret FROM app WHERE id = ? AND generation = ?",
                arguments: [app.id, app.generation]
            )
        }
        guard let sealed else {
            throw StoreError(
                .busy, "the app was changed by another process just now",
                remedy: "Run this again"
            )
        }
        return try sealer.open(Array(sealed), at: .secret(of: app, storeID: storeID))
    }

    /// Keeps a token just had, unless another process kept a newer one meanwhile.
    ///
    /// - Parameters:
    ///   - token: the token.
    ///   - state: how the token stood when the request left.
    /// - Returns: the token to use: this one, or the newer one in its place.
    /// - Throws: what writing throws.
    func keep(_ token: TenantAccessToken, for state: TokenState) async throws -> TenantAccessToken {
        let now = now()
        return try await write { database in
            let current = try self.state(of: state.owner, in: database)
            // Another secret, or another app, since: the token serves its caller and nobody else.
            guard current.app == state.app else { return token }
            if current.renewal != state.renewal, let newer = current.token,
                newer.expiresAt >= token.expiresAt || newer == token
            {
                return newer
            }
            // Struck while we asked for it.
            if let rejection = current.rejection, current.renewal != state.renewal,
                rejection.digest == TokenState.Rejection.digest(of: token)
            {
                return token
            }
            try self.insert(
                token, app: current.app, tenantKey: current.tenantKey, obtainedAt: now,
                renewal: current.renewal + 1, in: database)
            try database.execute(
                sql: "DELETE FROM renewal_failure WHERE app = ? AND tenant_key = ?",
                arguments: [current.app.id, current.tenantKey])
            return token
        }
    }

    /// Strikes a token the platform refused, if it is the one in the store; a newer one stays.
    ///
    /// A second invalidate within half a minute of the first makes the next renewal wait until that half minute is over:
    /// something other than the token is wrong then, and the endpoint is not to be hammered.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, and what writing throws.
    func invalidate(_ token: TenantAccessToken, of owner: TokenOwner) async throws {
        let now = now()
        try await write { database in
            let state = try self.state(of: owner, in: database)
            guard state.token?.secret == token.secret else { return }
            try database.execute(
                sql: """
                    UPDATE token SET sealed_token = NULL, obtained_at = NULL, expires_at = NULL, renewal = renewal + 1,
                        rejected_digest = ?, rejected_at = ?
                    WHERE app = ? AND tenant_key = ?
                    """,
                arguments: [
                    Data(TokenState.Rejection.digest(of: token)), now, state.app.id, state.tenantKey,
                ]
            )
            guard let last = state.rejection, (0..<30).contains(Date(seconds: now).timeIntervalSince(last.at)) else {
                return
            }
            let error = LarkError(
                .tokenRejected, "two tokens in a row were refused",
                remedy: "Check that the app is enabled in the tenant, and what the token is used for"
            )
            try self.insert(
                RenewalFailure(
                    error: error, count: 1, at: Date(seconds: now), retryAt: last.at.addingTimeInterval(30)),
                for: state, in: database)
        }
    }

    /// Remembers that a request for a token failed.
    ///
    /// - Parameters:
    ///   - error: what the platform said.
    ///   - state: how the token stood when the request left.
    /// - Throws: what writing throws.
    func remember(_ error: LarkError, for state: TokenState) async throws {
        let now = Date(seconds: now())
        try await write { database in
            let current = try self.state(of: state.owner, in: database)
            guard current.app == state.app else { return }
            try self.insert(RenewalFailure(error, after: current.failure, at: now), for: current, in: database)
        }
    }

    func insert(
        _ token: TenantAccessToken, app: AppRecord, tenantKey: String, obtainedAt: Int64, renewal: Int64,
        in database: Database
    ) throws {
        let expiresAt = Int64(token.expiresAt.timeIntervalSince1970)
        let place = SealContext.token(
            of: app, tenantKey: tenantKey, obtainedAt: obtainedAt, expiresAt: expiresAt, storeID: storeID)
        try database.execute(
            sql: """
                INSERT INTO token (app, tenant_key, generation, renewal, sealed_token, obtained_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (app, tenant_key) DO UPDATE SET generation = excluded.generation,
                    renewal = excluded.renewal, sealed_token = excluded.sealed_token,
                    obtained_at = excluded.obtained_at, expires_at = excluded.expires_at
                """,
            arguments: [
                app.id, tenantKey, app.generation, renewal, Data(try sealer.seal(token.secret, for: place)),
                obtainedAt, expiresAt,
            ]
        )
    }

    private func insert(_ failure: RenewalFailure, for state: TokenState, in database: Database) throws {
        let error = failure.error
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO renewal_failure (app, tenant_key, generation, kind, summary, remedy,
                    http_status, platform_code, platform_message, log_id, failures, failed_at, retry_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                state.app.id, state.tenantKey, state.app.generation, error.kind.rawValue, error.summary,
                error.remedy, error.httpStatus, error.platformCode, error.platformMessage, error.logID,
                failure.count, failure.at.seconds, failure.retryAt.seconds,
            ]
        )
    }

    private func token(in row: Row, app: AppRecord, tenantKey: String) throws -> TenantAccessToken? {
        guard let sealed = row["sealed_token"] as Data?, let obtainedAt = row["obtained_at"] as Int64?,
            let expiresAt = row["expires_at"] as Int64?
        else { return nil }
        let place = SealContext.token(
            of: app, tenantKey: tenantKey, obtainedAt: obtainedAt, expiresAt: expiresAt, storeID: storeID)
        let secret = try sealer.open(Array(sealed), at: place)
        return TenantAccessToken(secret.revealedText, expiresAt: Date(seconds: expiresAt))
    }

    private func rejection(in row: Row) -> TokenState.Rejection? {
        guard let digest = row["rejected_digest"] as Data?, let at = row["rejected_at"] as Int64? else { return nil }
        return TokenState.Rejection(digest: Array(digest), at: Date(seconds: at))
    }

    private func failure(in row: Row) -> RenewalFailure? {
        guard let kind = (row["kind"] as String?).flatMap(LarkError.Kind.init(rawValue:)) else { return nil }
        return RenewalFailure(
            error: LarkError(
                kind, row["summary"], remedy: row["remedy"], httpStatus: row["http_status"],
                platformCode: row["platform_code"], platformMessage: row["platform_message"], logID: row["log_id"]
            ),
            count: row["failures"],
            at: Date(seconds: row["failed_at"]),
            retryAt: Date(seconds: row["retry_at"])
        )
    }
}

extension Date {
    /// The store's instants are whole Unix seconds.
    init(seconds: Int64) { self.init(timeIntervalSince1970: Double(seconds)) }

    var seconds: Int64 { Int64(timeIntervalSince1970.rounded(.down)) }
}
