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

/// The names in the response to `GET /v1/tenants`: those of the tenants that the client may use.
struct TenantNames: Decodable, Sendable {
    struct Tenant: Decodable, Sendable {
        let tenant: String
    }

    let tenants: [Tenant]
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

/// The response to ``RejectTokenRequest``.
package struct RejectTokenResponse: Codable, Sendable {
    package let rejected: Bool
    /// Present, and true, if the platform has issued the same token again after an earlier report.
    package let confirmed: Bool?

    package init(_ result: RejectionResult) {
        rejected = true
        confirmed = result == .confirmed ? true : nil
    }
}

/// The body of `POST /v1/tenants/{name}/quota`.
package struct QuotaRequest: Codable, Sendable {
    package let api: String
    /// How many requests to reserve; 0 only asks for the epoch.
    package let count: Int?
    package let unused: [UnusedSlot]?
    /// How long to grant nothing, in milliseconds. More than `SlidingWindow.longestPause` counts as that.
    package let pauseMs: Int64?

    package init(_ api: RateLimitedAPI, count: Int = 0, unused: [UnusedSlot]? = nil, pauseMs: Int64? = nil) {
        self.api = api.rawValue
        self.count = count
        self.unused = unused
        self.pauseMs = pauseMs
    }

    /// The largest integer that every JSON parser reads exactly. No timestamp of this millennium is near it.
    static let largestNumber: Int64 = 1 << 53
    private static let pauses = 0...Int64(3_600_000)
    private static let mostUnused = 1000

    /// Whether every number is in its range.
    package var isValid: Bool {
        let (numbers, unused) = (0...Self.largestNumber, unused ?? [])
        return (0...QuotaGrant.largest).contains(count ?? 0) && Self.pauses.contains(pauseMs ?? 0)
            && unused.count <= Self.mostUnused
            && unused.allSatisfy { numbers.contains($0.instant) && numbers.contains($0.epoch) }
    }
}

/// The response to ``QuotaRequest``. Instants are in milliseconds of the service's clock.
package struct QuotaResponse: Codable, Sendable {
    package let now: Int64
    package let instants: [Int64]
    package let epoch: Int64
    package let isLimited: Bool
    /// For how long the client sends nothing, whatever the instants say: a pause that only it has reported.
    package let pausedMs: Int64?
    /// How many calls are left of the app's quota for the month after this grant, fewer than none if more were made;
    /// nil if that is not known.
    package let monthLeft: Int64?

    /// Whether every number is in its range.
    var isValid: Bool {
        let numbers = [now, epoch, pausedMs ?? 0] + instants
        let months = -QuotaRequest.largestNumber...QuotaRequest.largestNumber
        return instants.count <= QuotaGrant.largest && numbers.allSatisfy((0...QuotaRequest.largestNumber).contains)
            && months.contains(monthLeft ?? 0)
    }

    package init(
        now: Int64, instants: [Int64] = [], epoch: Int64, isLimited: Bool = true, pausedMs: Int64? = nil,
        monthLeft: Int64? = nil
    ) {
        self.monthLeft = monthLeft
        self.pausedMs = pausedMs
        self.now = now
        self.instants = instants
        self.epoch = epoch
        self.isLimited = isLimited
    }
}

/// The JSON of the auth service and of `--json`: keys in snake case and sorted, so that equal values are equal texts.
package enum ServiceJSON {
    /// Encodes a value.
    ///
    /// - Throws: `EncodingError`.
    package static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// Decodes a value.
    ///
    /// - Throws: `DecodingError`, also for invalid UTF-8 in a member that is not decoded.
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
