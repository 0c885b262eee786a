public import LarkAPI

extension StoredTokenProvider {
    /// Serves a store's tenants with tokens from the platform.
    ///
    /// A request that fails for a reason that may pass is repeated twice within 12 s.
    public init(store: Store, client: LarkClient, timing: Timing = .system) {
        self.init(store: store, timing: timing) { app in try await client.issueToken(for: app, timing: timing) }
    }
}

extension LarkClient {
    /// Asks for a custom app's token, and again when the failure may pass.
    ///
    /// - Throws: ``LarkError``.
    public func issueToken(for app: CustomApp, timing: Timing = .system) async throws -> TenantAccessToken {
        let backoff = Backoff(tries: 3, base: .milliseconds(300), cap: .seconds(1), patience: .seconds(2))
        return try await withDeadline(
            .seconds(12), timing: timing, error: .timeout(host: app.host, limit: .seconds(12))
        ) {
            try await backoff.run(timing: timing) { _ in
                try await self.tenantAccessToken(appID: app.appID, appSecret: app.appSecret, host: app.host)
            }
        }
    }
}
