public import LarkAPI

/// One of the three requests that bring a token.
public enum TokenRequest: Sendable {
    /// A custom app's tenant_access_token.
    case customTenant(AppCredentials)
    /// A store app's app_access_token, with the app_ticket that the platform pushed last.
    case app(AppCredentials, ticket: Secret)
    /// The tenant_access_token of a tenant that installed a store app.
    case storeTenant(TenantKey, appAccessToken: AppAccessToken, host: LarkHost)
}

/// How tokens and tickets are asked for: the platform's own ways, or a test's.
public struct TokenEndpoint: Sendable {
    /// Asks for a token; repeats what may pass, and ends within some 12 s.
    package let token: @Sendable (TokenRequest) async throws -> TenantAccessToken
    /// Asks the platform to push a store app's ticket again.
    package let requestTicket: @Sendable (AppCredentials) async throws -> Void

    /// Takes both.
    public init(
        token: @escaping @Sendable (TokenRequest) async throws -> TenantAccessToken,
        requestTicket: @escaping @Sendable (AppCredentials) async throws -> Void
    ) {
        self.token = token
        self.requestTicket = requestTicket
    }

    /// Asks the platform. A request that fails for a reason that may pass is repeated twice within 12 s.
    public init(_ client: LarkClient, timing: Clocks = .system) {
        self.init { request in
            try await client.issueToken(request, timing: timing)
        } requestTicket: { app in
            try await client.requestTicket(of: app, timing: timing)
        }
    }
}

extension LarkClient {
    /// Asks for a token, and again when the failure may pass.
    ///
    /// - Throws: ``LarkError``.
    public func issueToken(_ request: TokenRequest, timing: Clocks = .system) async throws -> TenantAccessToken {
        let host =
            switch request {
            case .customTenant(let app), .app(let app, _): app.host
            case .storeTenant(_, _, let host): host
            }
        return try await retrying(host, timing: timing) {
            switch request {
            case .customTenant(let app):
                try await self.tenantAccessToken(appID: app.appID, appSecret: app.appSecret, host: host)
            case .app(let app, let ticket):
                try await self.appAccessToken(
                    appID: app.appID, appSecret: app.appSecret, appTicket: ticket, host: host)
            case .storeTenant(let tenantKey, let appAccessToken, _):
                try await self.tenantAccessToken(tenantKey: tenantKey, appAccessToken: appAccessToken, host: host)
            }
        }
    }

    /// Asks the platform to push a store app's ticket again; also proves the app's credentials.
    ///
    /// - Throws: ``LarkError``.
    public func requestTicket(of app: AppCredentials, timing: Clocks = .system) async throws {
        try await retrying(app.host, timing: timing) {
            try await self.resendAppTicket(appID: app.appID, appSecret: app.appSecret, host: app.host)
        }
    }

    private func retrying<Result: Sendable>(
        _ host: LarkHost, timing: Clocks, _ call: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let backoff = Backoff(tries: 3, base: .milliseconds(300), cap: .seconds(1), longestWait: .seconds(2))
        // The wait for one of the client's connections is not the platform's time.
        return try await tokenRequests.run(host) {
            try await withDeadline(
                .seconds(12), clocks: timing, error: .timeout(host: host, limit: .seconds(12))
            ) {
                try await backoff.run(clocks: timing) { _ in try await call() }
            }
        }
    }
}
