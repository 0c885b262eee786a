import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// A request, with the secrets it carries.
package struct LarkRequest: Sendable {
    package let host: LarkHost

    /// The secrets in the request, which no error message may repeat.
    package let secrets: [Secret]

    private let path: String
    private let json: [UInt8]?
    private let bearer: Secret?

    /// Creates a `POST` with a JSON body.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - host: the host.
    ///   - json: the body.
    ///   - secrets: the secrets in the body.
    ///   - bearer: the token or secret for `Authorization`; the platform's token endpoints take none.
    package init(post path: String, host: LarkHost, json: [UInt8], secrets: [Secret], bearer: Secret? = nil) {
        self.host = host
        self.path = path
        self.json = json
        self.secrets = secrets + [bearer].compactMap(\.self)
        self.bearer = bearer
    }

    /// Creates a `GET`.
    ///
    /// - Parameter bearer: the token or secret for `Authorization`.
    package init(get path: String, host: LarkHost, bearer: Secret? = nil) {
        self.host = host
        self.path = path
        self.bearer = bearer
        secrets = [bearer].compactMap(\.self)
        json = nil
    }

    var httpRequest: HTTPClientRequest {
        var request = HTTPClientRequest(url: host.origin + path)
        request.headers.add(name: "User-Agent", value: "larkimg/\(Version.current)")
        // A socket's path is not a host name.
        if host.socketPath != nil { request.headers.add(name: "Host", value: "localhost") }
        if let bearer { request.headers.add(name: "Authorization", value: "Bearer \(bearer.revealedText)") }
        if let json {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json; charset=utf-8")
            request.body = .bytes(json)
        }
        return request
    }
}
