package import FoundationEssentials
package import LarkAPI

/// A token as scripts read it: the answer of the service, and `larkimg token --json`.
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

/// `POST /v1/tenants/{name}/token`.
package struct TokenRequestBody: Codable, Sendable {
    /// Seconds.
    package let minTtl: Int?

    package init(minTtl: Int?) {
        self.minTtl = minTtl
    }
}

/// `POST /v1/tenants/{name}/token/reject`.
package struct RejectTokenRequest: Codable, Sendable {
    package let tenantAccessToken: String

    package init(_ token: TenantAccessToken) {
        tenantAccessToken = token.secret.revealedText
    }
}
