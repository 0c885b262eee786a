import FoundationEssentials
import Hummingbird
import HummingbirdCore
import NIOCore

/// A complete request.
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

    /// Takes a request that the HTTP server has received.
    init(_ request: Request, body: ByteBuffer, peerAddress: String?) {
        let target = request.head.path ?? ""
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        path = parts.first ?? ""
        query = parts.count > 1 ? parts[1] : ""
        route = Route(method: request.method, path: path)
        method = request.method.rawValue
        headers = request.headers
        self.body = body
        self.peerAddress = peerAddress
        logID = ""
    }

    /// The value of a query parameter, or nil.
    func queryValue(_ name: String) -> String? {
        Form.values(of: query)[name]
    }

    /// The values of a query parameter that may be repeated, in order.
    func queryValues(_ name: String) -> [String] {
        Form.pairs(of: query).filter { $0.name == name }.map(\.value)
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

/// Reads `application/x-www-form-urlencoded`, which is also the form of a query.
enum Form {
    static func values(of text: String) -> [String: String] {
        Dictionary(pairs(of: text).map { ($0.name, $0.value) }) { _, last in last }
    }

    static func pairs(of text: String) -> [(name: String, value: String)] {
        text.split(separator: "&")
            .map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (decoded(parts[0]), parts.count > 1 ? decoded(parts[1]) : "")
            }
    }

    private static func decoded(_ text: Substring) -> String {
        let spaced = String(text.map { $0 == "+" ? " " : $0 })
        return spaced.removingPercentEncoding() ?? spaced
    }
}

extension String {
    /// The text with `%XX` decoded, or nil if that is not possible.
    func removingPercentEncoding() -> String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2
            else { return nil }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
