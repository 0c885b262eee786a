import FoundationEssentials
import Hummingbird
import NIOCore

/// A complete request, with what is known about it before the response.
struct IncomingRequest: Sendable {
    var route: Route
    var method: String
    var path: String
    var query: String
    var headers: HTTPFields
    var body: ByteBuffer
    var peerAddress: String?
    var logID: String
    /// The app and the tenant that the request claims to be from.
    var appID: String?
    var tenantKey: String?

    /// The value of a query parameter, or nil.
    func queryValue(_ name: String) -> String? {
        Form.values(of: query)[name]
    }

    /// The token after "Bearer ", or nil.
    var bearerToken: String? {
        guard let value = headers[.authorization], value.hasPrefix("Bearer ") else { return nil }
        return String(value.dropFirst("Bearer ".count))
    }

    /// Whether it requests a token, so that its body is short text.
    var isTokenRequest: Bool {
        if case .token = route { true } else { false }
    }

    /// The body as text.
    var bodyText: String {
        String(buffer: body)
    }
}
