public import LarkAPI

/// A request that returns a token.
public enum TokenRequest: Sendable {
    /// For a custom app's tenant_access_token.
    case customTenant(AppCredentials)
    /// For a store app's app_access_token, with the app_ticket that the platform pushed last.
    case app(AppCredentials, ticket: Secret)
    /// For the tenant_access_token of a tenant that installed a store app.
    case storeTenant(TenantKey, appAccessToken: AppAccessToken, host: LarkHost)

    /// The platform that receives the request.
    package var host: LarkHost {
        switch self {
        case .customTenant(let app), .app(let app, _): app.host
        case .storeTenant(_, _, let host): host
        }
    }
}

/// Requests tokens and tickets: from the platform, or from a test's fake of it.
public struct TokenEndpoint: Sendable {
    /// Is called before each call to the platform, repetitions included.
    package typealias CallCounter = @Sendable () async -> Void

    /// Requests a token. Repeats what failed with a transient error, and ends within 12 s.
    package let token: @Sendable (TokenRequest, @escaping CallCounter) async throws -> TenantAccessToken
    /// Requests a token once, from a host that failed before.
    package let probe: @Sendable (TokenRequest, @escaping CallCounter) async throws -> TenantAccessToken
    /// Asks the platform to push a store app's ticket again.
    package let requestTicket: @Sendable (AppCredentials, @escaping CallCounter) async throws -> Void

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public init(
        token: @escaping @Sendable (TokenRequest) async throws -> TenantAccessToken,
        requestTicket: @escaping @Sendable (AppCredentials) async throws -> Void
    ) {
        self.init { request, count in
            await count()
            return try await token(request)
        } probe: { request, count in
            await count()
            return try await token(request)
        } requestTicket: { app, count in
            await count()
            try await requestTicket(app)
        }
    }

    package init(
        token: @escaping @Sendable (TokenRequest, @escaping CallCounter) async throws -> TenantAccessToken,
        probe: @escaping @Sendable (TokenRequest, @escaping CallCounter) async throws -> TenantAccessToken,
        requestTicket: @escaping @Sendable (AppCredentials, @escaping CallCounter) async throws -> Void
    ) {
        self.token = token
        self.probe = probe
        self.requestTicket = requestTicket
    }

    /// Sends requests to the platform. One that fails with a transient error is repeated twice within 12 s.
    public init(_ client: LarkClient, clocks: Clocks = .system) {
        self.init { request, count in
            try await client.issueToken(request, clocks: clocks, beforeEachCall: count)
        } probe: { request, count in
            try await client.issueToken(request, attempts: 1, clocks: clocks, beforeEachCall: count)
        } requestTicket: { app, count in
            try await client.requestTicket(of: app, clocks: clocks, beforeEachCall: count)
        }
    }
}

extension LarkClient {
    private static let tokenTimeout = Duration.seconds(12)
    private static let tokenAttempts = 3

    /// Requests a token, again if that fails with a transient error.
    ///
    /// - Parameters:
    ///   - request: the token.
    ///   - clocks: the clock, and the waits between attempts.
    ///   - count: called before each call to the platform.
    /// - Throws: ``LarkError``.
    public func issueToken(
        _ request: TokenRequest, clocks: Clocks = .system,
        beforeEachCall count: @escaping @Sendable () async -> Void = {}
    ) async throws -> TenantAccessToken {
        try await issueToken(request, attempts: Self.tokenAttempts, clocks: clocks, beforeEachCall: count)
    }

    fileprivate func issueToken(
        _ request: TokenRequest, attempts: Int, clocks: Clocks,
        beforeEachCall count: @escaping TokenEndpoint.CallCounter
    ) async throws -> TenantAccessToken {
        try await retrying(request.host, attempts: attempts, clocks: clocks) {
            await count()
            return switch request {
            case .customTenant(let app):
                try await self.tenantAccessToken(appID: app.appID, appSecret: app.appSecret, host: app.host)
            case .app(let app, let ticket):
                try await self.appAccessToken(
                    appID: app.appID, appSecret: app.appSecret, appTicket: ticket, host: app.host)
            case .storeTenant(let tenantKey, let appAccessToken, let host):
                try await self.tenantAccessToken(tenantKey: tenantKey, appAccessToken: appAccessToken, host: host)
            }
        }
    }

    /// Asks the platform to push a store app's ticket again, which also verifies the app's credentials.
    ///
    /// - Parameters:
    ///   - app: the store app.
    ///   - clocks: the clock, and the waits between attempts.
    ///   - count: called before each call to the platform.
    /// - Throws: ``LarkError``.
    public func requestTicket(
        of app: AppCredentials, clocks: Clocks = .system,
        beforeEachCall count: @escaping @Sendable () async -> Void = {}
    ) async throws {
        try await retrying(app.host, attempts: Self.tokenAttempts, clocks: clocks) {
            await count()
            try await self.resendAppTicket(appID: app.appID, appSecret: app.appSecret, host: app.host)
        }
    }

    private func retrying<Result: Sendable>(
        _ host: LarkHost, attempts: Int, clocks: Clocks, _ call: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let backoff = Backoff(tries: attempts, base: .milliseconds(300), cap: .seconds(1), longestWait: .seconds(2))
        // The wait for one of the client's connections is not the platform's time.
        return try await tokenRequests.run(host) {
            try await withDeadline(
                Self.tokenTimeout, clocks: clocks, error: .timeout(host: host, limit: Self.tokenTimeout)
            ) {
                try await backoff.run(clocks: clocks) { _ in try await call() }
            }
        }
    }
}
