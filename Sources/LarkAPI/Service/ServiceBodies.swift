package import FoundationEssentials

/// How bodies between the auth service and its clients are written: keys in snake case and sorted, so that the same
/// result is the same text.
package enum ServiceJSON {
    /// - Throws: what encoding throws.
    package static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// - Throws: what decoding throws; what is no UTF-8 is no JSON, also where nobody looks at it.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: some Sequence<UInt8>) throws -> Value {
        let bytes = Array(bytes)
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "not UTF-8"))
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(bytes))
    }
}

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

/// `POST /v1/tenants/{name}/quota`.
package struct QuotaRequest: Codable, Sendable {
    package struct Trip: Codable, Sendable {
        let granted: Int64
        let length: Int64
        let isAnswered: Bool
    }

    package let api: String
    /// How many requests to reserve; none only tells the epoch.
    package let count: Int?
    package let trips: [Trip]?
    package let unused: [QuotaReport.Unused]?
    /// Milliseconds.
    package let pauseMs: Int64?

    package init(_ api: RateLimitedAPI, count: Int, report: QuotaReport) {
        self.api = api.rawValue
        self.count = count
        trips = report.trips.map { Trip(granted: $0.granted, length: $0.length, isAnswered: $0.isAnswered) }
        unused = report.unused
        pauseMs = report.pause
    }

    /// The largest whole number that every reader of JSON understands; no instant of this millennium is near it.
    static let largestNumber: Int64 = 1 << 53
    private static let longestWait: Int64 = 3_600_000
    private static let mostGrants = 1000

    /// Whether every number is one that can be counted with.
    package var isValid: Bool {
        let instants = 0...Self.largestNumber
        let (trips, unused) = (trips ?? [], unused ?? [])
        return (0...QuotaGrant.largest).contains(count ?? 0) && (0...Self.longestWait).contains(pauseMs ?? 0)
            && trips.count <= Self.mostGrants && unused.count <= Self.mostGrants
            && trips.allSatisfy { instants.contains($0.granted) && (0...Self.longestWait).contains($0.length) }
            && unused.allSatisfy { instants.contains($0.instant) && instants.contains($0.epoch) }
    }

    /// What is told with it.
    package var report: QuotaReport {
        QuotaReport(
            trips: (trips ?? [])
                .map { RoundTrip(granted: $0.granted, length: $0.length, isAnswered: $0.isAnswered) },
            unused: unused ?? [], pause: pauseMs)
    }
}

/// The answer to ``QuotaRequest``. Instants are milliseconds of the service's clock.
package struct QuotaResponse: Codable, Sendable {
    package let now: Int64
    package let instants: [Int64]
    package let epoch: Int64
    /// Milliseconds; nil while nothing is known.
    package let fastest: Int64?
    package let isLimited: Bool

    /// Whether every number is one that can be counted with.
    var isValid: Bool {
        let numbers = [now, epoch, fastest ?? 0] + instants
        return instants.count <= QuotaGrant.largest && numbers.allSatisfy((0...QuotaRequest.largestNumber).contains)
    }

    package init(now: Int64, instants: [Int64], epoch: Int64, fastest: Int64?, isLimited: Bool) {
        self.now = now
        self.instants = instants
        self.epoch = epoch
        self.fastest = fastest
        self.isLimited = isLimited
    }
}

/// How a tenant stands: `GET /v1/tenants/{name}`, and `larkimg status --json`.
package struct TenantState: Codable, Sendable {
    /// The three ages of a token, and none at all.
    package enum Age: String, Codable, Sendable {
        case fresh
        case expiring = "ageing"
        case expired = "spent"
        case none
    }

    package struct Use: Codable, Sendable {
        package let images: Int
        package let messageResources: Int

        package init(images: Int, messageResources: Int) {
            self.images = images
            self.messageResources = messageResources
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
    /// Seconds; below zero for a dead token.
    package var tokenExpiresIn: Int?
    package var lastError: String?
    package var remedy: String?
    package var retryAt: String?
    package var quota: String
    package var quotaUsed: Use

    package init(tenant: String, host: String, appId: String, token: Age, quota: String, quotaUsed: Use) {
        self.tenant = tenant
        self.host = host
        self.appId = appId
        self.token = token
        self.quota = quota
        self.quotaUsed = quotaUsed
    }
}
