import FoundationEssentials
import Hummingbird
import NIOCore

extension PlatformState {
    private struct OAuthClient {
        var id: String
        var secret: String
        var grantType: String
    }

    /// The newer token endpoint of the accounts host: client_credentials of custom apps, failures under HTTP 400.
    mutating func oauthResponse(_ request: IncomingRequest) -> Response {
        guard !behaviour.failsOAuth else {
            return Self.refusal(500, "server_error", "Internal server error.", 20050)
        }
        guard let client = Self.client(of: request) else {
            return Self.refusal(400, "invalid_request", "The request is malformed.", 20063)
        }
        if request.headers[.authorization] != nil, request.bodyText.contains("client_secret") {
            return Self.refusal(400, "invalid_request", "Use one way of client authentication.", 20070)
        }
        guard client.grantType == "client_credentials" else {
            return Self.refusal(400, "unsupported_grant_type", "The grant type is not supported.", 20036)
        }
        guard let app = apps[client.id], app.kind == .custom, let tenantKey = app.tenantKeys.first else {
            return Self.refusal(400, "invalid_client", "The client does not exist.", 20048)
        }
        guard app.appSecret == client.secret else {
            return Self.refusal(400, "invalid_client", "The client secret is invalid.", 20002)
        }
        guard app.isEnabled else {
            return Self.refusal(400, "invalid_client", "The app is not enabled.", 20069)
        }
        if let excess = countCall(appID: app.appID, tenantKey: tenantKey, api: .oauthToken) {
            return Self.limited(excess, Self.refusal(429, "slow_down", "Too many requests.", 99991400))
        }
        let token = tokens.issue(
            .oauth,
            appID: app.appID,
            tenantKey: tenantKey,
            lifetime: behaviour.tokenLifetime,
            at: now
        )
        return .json([
            "code": 0,
            "access_token": .text(token.text),
            "token_type": "Bearer",
            "expires_in": .integer(Int(token.expiresAt.timeIntervalSince(now).rounded(.down))),
        ])
    }

    private static func refusal(_ status: Int, _ error: String, _ description: String, _ code: Int) -> Response {
        .json(
            ["error": .text(error), "error_description": .text(description), "code": .integer(code)],
            status: status
        )
    }

    /// The client's credentials, from HTTP Basic or the body, which is a form or JSON.
    private static func client(of request: IncomingRequest) -> OAuthClient? {
        let form = Form.values(of: request.bodyText)
        let json = JSONValue(parsing: request.bodyText)
        func value(_ name: String) -> String? {
            json?[name]?.string ?? form[name]
        }
        let grantType = value("grant_type") ?? ""
        if let header = request.headers[.authorization], header.hasPrefix("Basic ") {
            guard let decoded = Data(base64Encoded: String(header.dropFirst("Basic ".count))) else { return nil }
            let parts = String(decoding: decoded, as: UTF8.self).split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            return OAuthClient(id: String(parts[0]), secret: String(parts[1]), grantType: grantType)
        }
        guard let id = value("client_id"), let secret = value("client_secret") else { return nil }
        return OAuthClient(id: id, secret: secret, grantType: grantType)
    }

    /// The app that a token request names, authenticated or not.
    static func clientID(of request: IncomingRequest) -> String? {
        client(of: request)?.id
    }
}
