import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// A request, with the secrets it carries.
package struct LarkRequest: Sendable {
    package let address: ServerAddress

    /// The secrets in the request, which no error message may repeat.
    package let secrets: [Secret]

    private let path: String
    private let json: [UInt8]?
    private let bearer: Secret?

    /// Creates a `POST` with a JSON body.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - address: the server.
    ///   - json: the body.
    ///   - secrets: the secrets in the body.
    ///   - bearer: the token or secret for `Authorization`; the platform's token endpoints take none.
    package init(post path: String, at address: ServerAddress, json: [UInt8], secrets: [Secret], bearer: Secret? = nil)
    {
        self.address = address
        self.path = path
        self.json = json
        self.secrets = secrets + [bearer].compactMap(\.self)
        self.bearer = bearer
    }

    /// Creates a `GET`.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - address: the server.
    ///   - bearer: the token or secret for `Authorization`.
    package init(get path: String, at address: ServerAddress, bearer: Secret? = nil) {
        self.address = address
        self.path = path
        self.bearer = bearer
        secrets = [bearer].compactMap(\.self)
        json = nil
    }

    var httpRequest: HTTPClientRequest {
        var request = HTTPClientRequest(url: address.origin + path)
        request.headers.add(name: "User-Agent", value: "larkimg/\(Version.current)")
        // The path of a socket is not a host name.
        if address.socketPath != nil { request.headers.add(name: "Host", value: "localhost") }
        if let bearer { request.headers.add(name: "Authorization", value: "Bearer \(bearer.revealedText)") }
        if let json {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json; charset=utf-8")
            request.body = .bytes(json)
        }
        return request
    }
}

/// The release of this code.
public enum Version {
    /// As `larkimg --version` prints it and as requests carry it in `User-Agent`.
    public static let current = "0.1.0"
}
