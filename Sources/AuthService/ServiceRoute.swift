import HTTPTypes

/// What an address stands for.
enum ServiceRoute: Hashable {
    case statusPage
    case health
    case readiness
    case metrics
    case openAPI
    case tenants
    /// The name is what stood in the path, its percent-encoding undone; it may be none at all.
    case tenant(String)
    case token(String)
    case rejection(String)
    case quota(String)
    case event(String)

    /// Reads a path; a query is left out of account.
    init?(path: String) {
        let path = path.prefix { $0 != "?" }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        guard path.hasPrefix("/") else { return nil }
        switch (parts.count, parts.first) {
        case (1, ""): self = .statusPage
        case (1, "healthz"): self = .health
        case (1, "readyz"): self = .readiness
        case (1, "metrics"): self = .metrics
        case (1, "openapi.json"): self = .openAPI
        case (2, "v1") where parts[1] == "tenants": self = .tenants
        case (2, "events"): self = .event(parts[1])
        case (3..., "v1") where parts[1] == "tenants":
            let name = Self.decoded(parts[2])
            switch parts.dropFirst(3).joined(separator: "/") {
            case "" where parts.count == 3: self = .tenant(name)
            case "token": self = .token(name)
            case "token/reject": self = .rejection(name)
            case "quota": self = .quota(name)
            default: return nil
            }
        default: return nil
        }
    }

    /// The one method it takes.
    var method: HTTPRequest.Method {
        switch self {
        case .statusPage, .health, .readiness, .metrics, .openAPI, .tenants, .tenant: .get
        case .token, .rejection, .quota, .event: .post
        }
    }

    /// How metrics call it.
    var label: String {
        switch self {
        case .statusPage: "/"
        case .health: "/healthz"
        case .readiness: "/readyz"
        case .metrics: "/metrics"
        case .openAPI: "/openapi.json"
        case .tenants: "/v1/tenants"
        case .tenant: "/v1/tenants/{name}"
        case .token: "/v1/tenants/{name}/token"
        case .rejection: "/v1/tenants/{name}/token/reject"
        case .quota: "/v1/tenants/{name}/quota"
        case .event: "/events/{app}"
        }
    }

    /// Undoes percent-encoding; what does not mean anything stays as it is, and is then nobody's name.
    private static func decoded(_ part: String) -> String {
        guard part.utf8.contains(UInt8(ascii: "%")) else { return part }
        var bytes: [UInt8] = []
        var rest = Array(part.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
                let code = UInt8(digits, radix: 16)
            {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? part
    }
}
