import FoundationEssentials

extension PlatformState {
    /// Answers the token endpoints, under HTTP 200 also where they refuse.
    mutating func answerToken(_ api: PlatformAPI, _ exchange: IncomingRequest) -> Response {
        do throws(PlatformError) {
            let body = JSON.value(of: exchange.bodyText) ?? .null
            switch api {
            case .tenantAccessTokenInternal:
                let token = try customToken(body)
                return answer(token, named: ["tenant_access_token"], message: "ok")
            case .appAccessTokenInternal:
                let token = try customToken(body)
                return answer(token, named: ["app_access_token", "tenant_access_token"], message: "ok")
            case .appAccessToken:
                return answer(try appToken(body), named: ["app_access_token"], message: "success")
            case .tenantAccessToken:
                return answer(try storeTenantToken(body), named: ["tenant_access_token"], message: "success")
            case .appTicketResend:
                try resendTicket(body)
                return .json(["code": 0, "msg": "success"])
            case .oauthToken:
                return answerOAuth(exchange)
            case .imagesGet, .imagesCreate, .messageResourceGet:
                return .notFound
            }
        } catch {
            return error.tokenAnswer
        }
    }

    /// "Custom apps obtain tenant_access_token": one token for everyone who asks.
    private mutating func customToken(_ body: JSONValue) throws(PlatformError) -> IssuedToken {
        let app = try authenticatedApp(body)
        // What a store app is told here was never seen; it has no token without a tenant.
        guard app.kind == .custom, let tenantKey = app.tenantKeys.first else {
            throw .code(10005)
        }
        return tokens.issue(
            .tenant,
            appID: app.appID,
            tenantKey: tenantKey,
            lifetime: switches.tokenLifetime,
            at: now
        )
    }

    /// The app that `app_id` and `app_secret` prove.
    func authenticatedApp(_ body: JSONValue) throws(PlatformError) -> EmulatedApp {
        guard let appID = body["app_id"]?.string, let secret = body["app_secret"]?.string,
            Self.isWellFormed(appID: appID), !secret.isEmpty
        else { throw .code(10003) }
        guard let app = apps[appID] else {
            throw PlatformError(200, 10014, "app id not exists")
        }
        guard app.appSecret == secret else {
            throw PlatformError(switches.wrongSecretStatus, switches.wrongSecretCode, "app secret invalid")
        }
        guard app.isEnabled else {
            throw PlatformError(200, switches.disabledAppCode, "app unauthorized")
        }
        return app
    }

    private static func isWellFormed(appID: String) -> Bool {
        !appID.isEmpty && appID.utf8.count <= 128
            && appID.utf8.allSatisfy { byte in
                let character = Character(UnicodeScalar(byte))
                return character.isASCII && (character.isLetter || character.isNumber || "_-".contains(character))
            }
    }

    private func answer(_ token: IssuedToken, named names: [String], message: String) -> Response {
        var members: [String: JSONValue] = [
            "code": 0,
            "msg": .text(message),
            // Whole seconds that remain.
            "expire": .integer(Int(token.expiresAt.timeIntervalSince(now).rounded(.down))),
        ]
        for name in names {
            members[name] = .text(token.text)
        }
        return .json(.object(members))
    }
}
