import FoundationEssentials

extension LarkClient {
    /// The longest lifetime of a token, in seconds (document "Get tenant_access_token", custom apps).
    private static let longestLifetime = 7200.0
    /// A token that expires sooner is of no use: each caller would request another one.
    private static let shortestLifetime = 60.0

    /// Requests the tenant_access_token of a custom app:
    /// `POST /open-apis/auth/v3/tenant_access_token/internal`.
    ///
    /// The platform returns the same token while 30 minutes or more remain, with the remaining time. The expiry is
    /// counted from the moment the request was sent, so it is never later than the platform's own.
    ///
    /// - Throws: ``LarkError``: `refused` for wrong credentials, `badResponse` for a response without a usable token.
    public func tenantAccessToken(appID: AppID, appSecret: Secret, host: LarkHost) async throws -> TenantAccessToken {
        let body = ["app_id": appID.text, "app_secret": appSecret.revealedText]
        return try await issuedToken(
            .tenant, from: "/open-apis/auth/v3/tenant_access_token/internal", host: host, body: body,
            secrets: [appSecret], action: "a tenant_access_token for \(appID)")
    }

    /// Requests the app_access_token of a store app: `POST /open-apis/auth/v3/app_access_token`.
    ///
    /// - Throws: ``LarkError``: with ``LarkError/isInvalidTicket`` if the app_ticket is no longer valid.
    public func appAccessToken(
        appID: AppID, appSecret: Secret, appTicket: Secret, host: LarkHost
    ) async throws -> AppAccessToken {
        let body = [
            "app_id": appID.text, "app_secret": appSecret.revealedText, "app_ticket": appTicket.revealedText,
        ]
        return try await issuedToken(
            .app, from: "/open-apis/auth/v3/app_access_token", host: host, body: body,
            secrets: [appSecret, appTicket], action: "an app_access_token for \(appID)")
    }

    /// Requests the tenant_access_token of a tenant that installed a store app:
    /// `POST /open-apis/auth/v3/tenant_access_token`.
    ///
    /// - Throws: ``LarkError``: `tokenRejected` if the app_access_token is no longer valid.
    public func tenantAccessToken(
        tenantKey: TenantKey, appAccessToken: AppAccessToken, host: LarkHost
    ) async throws -> TenantAccessToken {
        let body = ["app_access_token": appAccessToken.secret.revealedText, "tenant_key": tenantKey.text]
        return try await issuedToken(
            .tenant, from: "/open-apis/auth/v3/tenant_access_token", host: host, body: body,
            secrets: [appAccessToken.secret], action: "a tenant_access_token for \(tenantKey)")
    }

    /// Asks the platform to push the app_ticket of a store app again: `POST /open-apis/auth/v3/app_ticket/resend`.
    ///
    /// The ticket is not in the response; it arrives as an event, seconds to minutes later.
    ///
    /// - Throws: ``LarkError``: `refused` for wrong credentials.
    public func resendAppTicket(appID: AppID, appSecret: Secret, host: LarkHost) async throws {
        let body = ["app_id": appID.text, "app_secret": appSecret.revealedText]
        _ = try await post(
            to: "/open-apis/auth/v3/app_ticket/resend", host: host, body: body, secrets: [appSecret],
            action: "an app_ticket for \(appID)")
    }

    private func issuedToken(
        _ kind: TokenKind, from path: String, host: LarkHost, body: [String: String], secrets: [Secret],
        action: String
    ) async throws -> TenantAccessToken {
        let requestedAt = clocks.now()
        let (head, response) = try await post(to: path, host: host, body: body, secrets: secrets, action: action)
        return try issuedToken(kind, in: response, head: head, requestedAt: requestedAt)
    }

    private func post(
        to path: String, host: LarkHost, body: [String: String], secrets: [Secret], action: String
    ) async throws -> (head: ResponseHead, body: [UInt8]) {
        let request = LarkRequest(
            post: path, at: host.address, json: Array(try JSONEncoder().encode(body)), secrets: secrets)
        let response = try await call(request)
        if let error = LarkError(response: response.head, body: response.body, action: action, secrets: secrets) {
            throw error
        }
        return response
    }

    private func issuedToken(
        _ kind: TokenKind, in body: [UInt8], head: ResponseHead, requestedAt: Date
    ) throws -> TenantAccessToken {
        func invalid(_ what: String, underlying: (any Error)? = nil) -> LarkError {
            LarkError(
                .badResponse,
                "the response to the request for a token \(what)",
                remedy: Remedy(
                    "If the host is right, give the log id to the platform's support", PlatformAction.checkHost),
                httpStatus: head.status,
                logID: head.logID,
                isRetryable: true,
                underlying: underlying
            )
        }
        let response: TokenResponseBody
        do {
            response = try JSONDecoder().decode(TokenResponseBody.self, from: Data(body))
        } catch {
            throw invalid("is not in the platform's form")
        }
        guard response.expire >= Self.shortestLifetime else { throw invalid("has a lifetime under 60 s") }
        let expiresAt = requestedAt.addingTimeInterval(min(response.expire, Self.longestLifetime))
        guard let text = response[kind], let token = TenantAccessToken(text, expiresAt: expiresAt) else {
            throw invalid("does not contain a valid token")
        }
        return token
    }
}

/// Which token of a response to use: some hold both.
private enum TokenKind {
    case tenant
    case app
}

/// `{"code":0,"msg":"ok","tenant_access_token":"t-…","expire":7200}`: at the top, not under `data`.
private struct TokenResponseBody: Decodable {
    private let tenant: String?
    private let app: String?
    /// The remaining seconds. A Double holds every JSON number.
    let expire: Double

    private enum CodingKeys: String, CodingKey {
        case tenant = "tenant_access_token"
        case app = "app_access_token"
        case expire
    }

    subscript(kind: TokenKind) -> String? {
        switch kind {
        case .tenant: tenant
        case .app: app
        }
    }
}
