/// The state of a tenant: the response to `GET /v1/tenants/{name}`, and `larkimg status --json`.
package struct TenantState: Codable, Sendable {
    /// The age of a token; `none` without one. The raw values are part of the interface.
    package enum Age: String, Codable, Sendable {
        case fresh
        case expiring = "ageing"
        case expired = "spent"
        case none
    }

    /// Requests in the last minute; nil, and `null` in JSON, where they cannot be counted.
    package struct Use: Codable, Sendable {
        package let images: Int?
        package let messageResources: Int?

        private enum CodingKeys: CodingKey {
            case images
            case messageResources
        }

        package init(images: Int?, messageResources: Int?) {
            self.images = images
            self.messageResources = messageResources
        }

        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        package func encode(to encoder: any Encoder) throws {
            // The members are always there: a synthesized implementation would leave nil out.
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(images, forKey: .images)
            try container.encode(messageResources, forKey: .messageResources)
        }
    }

    package var tenant: String
    package var host: String
    package var appId: String
    package var app: String?
    package var tenantKey: String?
    package var token: Age
    package var tokenObtainedAt: String?
    package var tokenExpiresAt: String?
    /// Seconds; negative for an expired token.
    package var tokenExpiresIn: Int?
    package var lastError: String?
    package var remedy: String?
    package var retryAt: String?
    package var quota: String
    package var quotaUsed: Use
    /// When the app may send again, if the platform has told it to wait.
    package var quotaPausedUntil: String?
    /// The calls of its app in this month, for all its tenants; nil where they cannot be counted.
    package var monthCalls: Int?
    /// How many calls the app may make in a month, if that is known.
    package var monthQuota: Int?

    package init(tenant: String, host: String, appId: String, token: Age, quota: String, quotaUsed: Use) {
        self.tenant = tenant
        self.host = host
        self.appId = appId
        self.token = token
        self.quota = quota
        self.quotaUsed = quotaUsed
    }
}
