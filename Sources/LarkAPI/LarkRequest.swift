import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One request to the platform, and the secrets it carries.
package struct LarkRequest: Sendable {
    let host: LarkHost

    /// What the request carries that no message may repeat.
    package let secrets: [Secret]

    private let path: String
    private let json: [UInt8]?
    private let token: Secret?

    /// `POST` of a JSON body without a token.
    init(post path: String, host: LarkHost, json: [UInt8], secrets: [Secret]) {
        self.host = host
        self.path = path
        self.json = json
        self.secrets = secrets
        token = nil
    }

    /// `GET` of something that takes no token.
    init(get path: String, host: LarkHost) {
        self.host = host
        self.path = path
        token = nil
        secrets = []
        json = nil
    }

    /// `GET` with a tenant_access_token.
    init(get path: String, host: LarkHost, token: TenantAccessToken) {
        self.host = host
        self.path = path
        self.token = token.secret
        secrets = [token.secret]
        json = nil
    }

    var httpRequest: HTTPClientRequest {
        var request = HTTPClientRequest(url: host.origin + path)
        request.headers.add(name: "User-Agent", value: "larkimg/\(Release.version)")
        if let token {
            request.headers.add(name: "Authorization", value: "Bearer \(token.revealedText)")
        }
        if let json {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json; charset=utf-8")
            request.body = .bytes(json)
        }
        return request
    }
}
