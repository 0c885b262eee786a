import Database
import FoundationEssentials
import LarkAPI
import Logging

extension Store {
    /// How a token stands. Takes no lock of ours and writes nothing.
    ///
    /// - Throws: ``StoreError`` `unknownTenant` or `unknownApp`, and what reading throws.
    func state(of owner: TokenOwner) async throws -> TokenState {
        try await read { try self.state(of: owner, in: $0) }
    }

    /// As above, inside a transaction.
    ///
    /// A cached token or failure that cannot be read counts as none: the next renewal overwrites it.
    ///
    /// - Parameter opensToken: opens the token and checks the tenant's authentication code; listings need neither.
    func state(
        of owner: TokenOwner, in connection: any SQLConnection, opensToken: Bool = true
    ) throws -> TokenState {
        guard let row = try connection.row(Self.query(owner), [Self.name(of: owner)]) else { throw unknown(owner) }
        return try state(of: owner, in: row, opensToken: opensToken)
    }

    /// Reads a row of ``query(_:)`` or ``tenantQuery``.
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
            failure: cached(owner) { try failure(in: row) }
        )
    }

    /// Reads something that can be requested from the platform again; nil with a warning when it is damaged.
    private func cached<Value>(_ owner: TokenOwner, _ read: () throws -> Value?) -> Value? {
        do {
            return try read()
        } catch {
            Logger.current.warning(
                "a cached value of the store cannot be read and is ignored",
                metadata: ["owner": "\(owner)", "error": "\(error)"])
            return nil
        }
    }

    /// Checks that a token that is there opens.
    ///
    /// - Throws: ``StoreError`` `sealBroken`, and what reading throws.
    func checkToken(of owner: TokenOwner) async throws {
        try await read { connection in
            guard let row = try connection.row(Self.query(owner), [Self.name(of: owner)]) else {
                throw self.unknown(owner)
            }
            _ = try self.token(in: row, app: try Self.app(in: row), tenantKey: try row["tenant_key"])
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
        SELECT tenant.name AS tenant_name, \(appColumns), \(tokenColumns), tenant.tenant_key, tenant.created_at,
            tenant.quota_per_second, tenant.quota_per_minute, tenant.authentication_code
        FROM tenant JOIN app ON app.id = tenant.app
        LEFT JOIN token ON token.app = app.id AND token.tenant_key = tenant.tenant_key
            AND token.generation = app.generation
        LEFT JOIN renewal_failure AS failure ON failure.app = app.id
            AND failure.tenant_key = tenant.tenant_key AND failure.generation = app.generation
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
                remedy: Remedy("", StoreAction.registerTenant(tenant))
            )
        case .app(let app):
            StoreError(
                .unknownApp, "there is no store app \(app) in \(location.store)",
                remedy: Remedy("", StoreAction.registerApp(app))
            )
        }
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
        return try await write { connection in
            let current = try self.state(of: state.owner, in: connection)
            // Another secret, or another app, since: the token serves its caller and nobody else.
            guard current.app == state.app else { return token }
            if current.renewal != state.renewal, let newer = current.token,
                newer.expiresAt >= token.expiresAt || newer == token
            {
                return newer
            }
            // Invalidated while it was requested.
            if let rejection = current.rejection, current.renewal != state.renewal,
                rejection.digest == TokenState.Rejection.digest(of: token)
            {
                return token
            }
            try self.insert(
                token, app: current.app, tenantKey: current.tenantKey, obtainedAt: now,
                renewal: current.renewal + 1, in: connection)
            try connection.execute(
                "DELETE FROM renewal_failure WHERE app = ? AND tenant_key = ?",
                [current.app.id, current.tenantKey])
            // The platform confirms a token that was reported as rejected.
            try connection.execute(
                "UPDATE token SET rejected_at = ? WHERE app = ? AND tenant_key = ? AND rejected_digest = ?",
                [now, current.app.id, current.tenantKey, TokenState.Rejection.digest(of: token)])
            return token
        }
    }

    /// Invalidates a token that the platform rejected, if it is the one in the store; a newer one stays, and so does one
    /// that the platform confirmed.
    ///
    /// A second report within half a minute of the first makes the next renewal wait until that half minute is over:
    /// something other than the token is wrong then, and the endpoint must not be called again and again.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, and what writing throws.
    func invalidate(_ token: TenantAccessToken, of owner: TokenOwner) async throws {
        let now = now()
        try await write { connection in
            let state = try self.state(of: owner, in: connection)
            guard state.token?.secret == token.secret, !state.isConfirmed(token, at: Date(seconds: now)) else { return }
            try connection.execute(
                """
                UPDATE token SET sealed_token = NULL, obtained_at = NULL, expires_at = NULL, renewal = renewal + 1,
                    rejected_digest = ?, rejected_at = ?
                WHERE app = ? AND tenant_key = ?
                """,
                [
                    TokenState.Rejection.digest(of: token), now, state.app.id, state.tenantKey,
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
                for: state, in: connection)
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
        try await write { connection in
            let current = try self.state(of: state.owner, in: connection)
            guard current.app == state.app else { return }
            try self.insert(RenewalFailure(error, after: current.failure, at: now), for: current, in: connection)
        }
    }

    func insert(
        _ token: TenantAccessToken, app: AppRecord, tenantKey: String, obtainedAt: Int64, renewal: Int64,
        in connection: any SQLConnection
    ) throws {
        let expiresAt = token.expiresAt.seconds
        let place = SealContext.token(
            of: app, tenantKey: tenantKey, obtainedAt: obtainedAt, expiresAt: expiresAt, storeID: storeID)
        try connection.execute(
            """
            INSERT INTO token (app, tenant_key, generation, renewal, sealed_token, obtained_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (app, tenant_key) DO UPDATE SET generation = excluded.generation,
                renewal = excluded.renewal, sealed_token = excluded.sealed_token,
                obtained_at = excluded.obtained_at, expires_at = excluded.expires_at
            """,
            [
                app.id, tenantKey, app.generation, renewal, try sealer.seal(token.secret, for: place),
                obtainedAt, expiresAt,
            ]
        )
    }

    private func insert(_ failure: RenewalFailure, for state: TokenState, in connection: any SQLConnection) throws {
        let error = failure.error
        try connection.execute(
            """
            INSERT INTO renewal_failure (app, tenant_key, generation, kind, summary, remedy,
                http_status, platform_code, platform_message, log_id, failures, failed_at, retry_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (app, tenant_key) DO UPDATE SET generation = excluded.generation, kind = excluded.kind,
                summary = excluded.summary, remedy = excluded.remedy, http_status = excluded.http_status,
                platform_code = excluded.platform_code, platform_message = excluded.platform_message,
                log_id = excluded.log_id, failures = excluded.failures, failed_at = excluded.failed_at,
                retry_at = excluded.retry_at
            """,
            [
                state.app.id, state.tenantKey, state.app.generation, error.kind.rawValue, error.summary,
                error.remedy?.description ?? "", error.httpStatus, error.platformCode, error.platformMessage,
                error.logID,
                failure.count, failure.at.seconds, failure.retryAt.seconds,
            ]
        )
    }

    private func token(in row: SQLRow, app: AppRecord, tenantKey: String) throws -> TenantAccessToken? {
        guard let sealed = try row["sealed_token"] as [UInt8]?, let obtainedAt = try row.optionalInstant("obtained_at"),
            let expiresAt = try row.optionalInstant("expires_at")
        else { return nil }
        let place = SealContext.token(
            of: app, tenantKey: tenantKey, obtainedAt: obtainedAt.seconds, expiresAt: expiresAt.seconds,
            storeID: storeID)
        let secret = try sealer.open(sealed, at: place)
        return TenantAccessToken(secret.revealedText, expiresAt: expiresAt)
    }

    private func rejection(in row: SQLRow) throws -> TokenState.Rejection? {
        guard let digest = try row["rejected_digest"] as [UInt8]?, let at = try row.optionalInstant("rejected_at")
        else { return nil }
        return TokenState.Rejection(digest: digest, at: at)
    }

    /// The remedy of a remembered failure: of the code's entry, which has an action, else what was stored.
    private func remedy(in row: SQLRow) throws -> Remedy {
        let entry = (try row["platform_code"] as Int?).flatMap(LarkErrorCode.row(for:))
        return try entry?.remedy ?? Remedy(row["remedy"])
    }

    private func failure(in row: SQLRow) throws -> RenewalFailure? {
        // Another release may know more kinds.
        guard let kind = (try row["kind"] as String?).flatMap(LarkError.Kind.init(rawValue:)) else { return nil }
        return RenewalFailure(
            error: LarkError(
                kind, try row["summary"], remedy: try remedy(in: row), httpStatus: try row["http_status"],
                platformCode: try row["platform_code"], platformMessage: try row["platform_message"],
                logID: try row["log_id"]
            ),
            count: Int(try row.count("failures")),
            at: try row.instant("failed_at"),
            retryAt: try row.instant("retry_at")
        )
    }
}
