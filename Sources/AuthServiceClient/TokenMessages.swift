package import FoundationEssentials
package import LarkAPI

/// A token for scripts: the response to ``TokenRequestBody``, and `larkimg token --json`.
package struct TokenResponse: Codable, Sendable {
    package let tenant: String
    package let tenantAccessToken: String
    /// RFC 3339, UTC.
    package let expiresAt: String
    /// Seconds.
    package let expiresIn: Int

    package init(_ token: TenantAccessToken, tenant: TenantName, at now: Date) {
        self.tenant = tenant.text
        tenantAccessToken = token.secret.revealedText
        expiresAt = token.expiresAt.formatted(.iso8601)
        expiresIn = Int(token.remaining(at: now).components.seconds)
    }
}

/// The body of `POST /v1/tenants/{name}/token`.
package struct TokenRequestBody: Codable, Sendable {
    /// How long the token must be valid, in seconds.
    package let minTtl: Int?

    package init(minTtl: Int?) {
        self.minTtl = minTtl
    }
}

/// The body of `POST /v1/tenants/{name}/token/reject`.
package struct RejectTokenRequest: Codable, Sendable {
    package let tenantAccessToken: String

    package init(_ token: TenantAccessToken) {
        tenantAccessToken = token.secret.revealedText
    }
}
