import Database
import FoundationEssentials
import LarkAPI

extension Store {
    /// Seconds within which two rejected tokens make the next request wait.
    private static let rejectionInterval = 30.0

    /// Stores a token, unless another process has stored a newer one since it was requested.
    ///
    /// - Parameter state: as it was when the request was sent.
    /// - Returns: the token to use: this one, or the newer one in its place.
    /// - Throws: errors of writing.
    func keep(_ token: TenantAccessToken, for state: TokenState) async throws -> TenantAccessToken {
        let now = now()
        return try await write { connection in
            let current = try self.state(of: state.owner, in: connection)
            // The app was changed: the token is for this caller alone.
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
    /// - Throws: ``StoreError`` `unknownTenant`; errors of writing.
    @discardableResult
    func invalidate(_ token: TenantAccessToken, of owner: TokenOwner) async throws -> RejectionResult {
        let now = Date(seconds: now())
        return try await write { connection in
            let state = try self.state(of: owner, in: connection)
            guard state.token?.secret == token.secret else { return .accepted }
            let digest = TokenState.Rejection.digest(of: token)
            let result = state.rejection?.digest == digest ? RejectionResult.confirmed : .accepted
            if state.isConfirmed(token, at: now) { return result }
            try connection.execute(
                """
                UPDATE token SET sealed_token = NULL, obtained_at = NULL, expires_at = NULL, renewal = renewal + 1,
                    rejected_digest = ?, rejected_at = ?
                WHERE app = ? AND tenant_key = ?
                """,
                [digest, now.seconds, state.app.id, state.tenantKey])
            guard let last = state.rejection, last.at.isWithin(Self.rejectionInterval, before: now) else {
                return result
            }
            let error = LarkError(
                .tokenRejected, "the platform rejected two different tokens within \(Int(Self.rejectionInterval)) s",
                remedy: "Check that the app is enabled in the tenant, and what the token is used for")
            try self.insert(
                RenewalFailure(
                    error: error, count: 1, at: now, retryAt: last.at.addingTimeInterval(Self.rejectionInterval)),
                for: state, in: connection)
            return result
        }
    }

    func insert(
        _ token: TenantAccessToken, app: AppRecord, tenantKey: String, obtainedAt: Int64, renewal: Int64,
        in connection: any SQLConnection
    ) throws {
        let expiresAt = token.expiresAt.seconds
        let context = SealContext.token(
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
                app.id, tenantKey, app.generation, renewal, try sealer.seal(token.secret, for: context),
                obtainedAt, expiresAt,
            ]
        )
    }
}
