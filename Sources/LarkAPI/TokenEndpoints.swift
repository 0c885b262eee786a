import FoundationEssentials

extension LarkClient {
    /// The life the platform gives a token at most, in seconds (document "Get tenant_access_token", custom apps).
    private static let longestLife = 7200.0

    /// Asks for the tenant_access_token of a custom app:
    /// `POST /open-apis/auth/v3/tenant_access_token/internal`.
    ///
    /// The platform hands the same token out again while 30 minutes or more of it remain, and names what remains.
    /// The expiry is counted from the instant the request left, so it is never later than the platform's own.
    ///
    /// - Throws: ``LarkError``: `refused` for wrong credentials, `badAnswer` when the answer holds no usable token.
    public func tenantAccessToken(appID: AppID, appSecret: Secret, host: LarkHost) async throws -> TenantAccessToken {
        let request = LarkRequest(
            post: "/open-apis/auth/v3/tenant_access_token/internal",
            host: host,
            json: Array(
                try JSONEncoder().encode(["app_id": appID.text, "app_secret": appSecret.revealedText])
            ),
            secrets: [appSecret]
        )
        let leftAt = timing.now()
        let (head, body) = try await call(request)
        if let error = LarkError(
            answer: head,
            body: body,
            action: "a tenant_access_token for \(appID)",
            secrets: request.secrets
        ) {
            throw error
        }
        return try issuedToken(in: body, head: head, leftAt: leftAt)
    }

    private func issuedToken(in body: [UInt8], head: AnswerHead, leftAt: Date) throws -> TenantAccessToken {
        func unusable(_ what: String, underlying: (any Error)? = nil) -> LarkError {
            LarkError(
                .badAnswer,
                "the answer to the request for a token \(what)",
                remedy: "Check --host: it must be the platform's address. If it is, give the log id to its support",
                httpStatus: head.status,
                logID: head.logID,
                isRetryable: true,
                underlying: underlying
            )
        }
        let answer: TokenAnswer
        do {
            answer = try JSONDecoder().decode(TokenAnswer.self, from: Data(body))
        } catch {
            throw unusable("is not the platform's")
        }
        guard answer.expire > 0 else { throw unusable("gives it no life") }
        let expiresAt = leftAt.addingTimeInterval(min(answer.expire, Self.longestLife))
        guard let token = TenantAccessToken(answer.token, expiresAt: expiresAt) else {
            throw unusable("holds no usable token")
        }
        return token
    }
}

/// `{"code":0,"msg":"ok","tenant_access_token":"t-…","expire":7200}`: at the top, not under `data`.
private struct TokenAnswer: Decodable {
    let token: String
    /// Seconds that remain; a Double, so that no number of JSON is too large for it.
    let expire: Double

    private enum CodingKeys: String, CodingKey {
        case token = "tenant_access_token"
        case expire
    }
}
