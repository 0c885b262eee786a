import FoundationEssentials

extension PlatformState {
    /// Responds to token requests. Refusals have HTTP status 200 as well.
    mutating func tokenResponse(_ api: PlatformAPI, _ request: IncomingRequest) -> Response {
        do throws(PlatformError) {
            let body = JSONValue(parsing: request.bodyText) ?? .null
            switch api {
            case .tenantAccessTokenInternal:
                let token = try customToken(body)
                return response(token, named: ["tenant_access_token"], message: "ok")
            case .appAccessTokenInternal:
                let token = try customToken(body)
                return response(token, named: ["app_access_token", "tenant_access_token"], message: "ok")
            case .appAccessToken:
                return response(try appToken(body), named: ["app_access_token"], message: "success")
            case .tenantAccessToken:
                return response(try storeTenantToken(body), named: ["tenant_access_token"], message: "success")
            case .appTicketResend:
                try resendTicket(body)
                return .json(["code": 0, "msg": "success"])
            case .oauthToken:
                return oauthResponse(request)
            case .imagesGet, .imagesCreate, .messageResourceGet, .messageGet, .messageList, .messageBatchGet:
                return .notFound
            }
        } catch {
            return error.tokenResponse
        }
    }

    /// "Custom apps obtain tenant_access_token": all callers get the same token.
    private mutating func customToken(_ body: JSONValue) throws(PlatformError) -> IssuedToken {
        let app = try authenticatedApp(body)
        // The response to a store app was never observed; it has no token without a tenant.
        guard app.kind == .custom, let tenantKey = app.tenantKeys.first else {
            throw .code(10005)
        }
        return tokens.issue(
            .tenant,
            appID: app.appID,
            tenantKey: tenantKey,
            lifetime: behaviour.tokenLifetime,
            at: now
        )
    }

    /// The app that `app_id` and `app_secret` authenticate.
    func authenticatedApp(_ body: JSONValue) throws(PlatformError) -> EmulatedApp {
        guard let appID = body["app_id"]?.string, let secret = body["app_secret"]?.string,
            Self.isWellFormed(appID: appID), !secret.isEmpty
        else { throw .code(10003) }
        guard let app = apps[appID] else {
            throw PlatformError(200, 10014, "app id not exists")
        }
        guard app.appSecret == secret else {
            throw PlatformError(behaviour.wrongSecretStatus, behaviour.wrongSecretCode, "app secret invalid")
        }
        guard app.isEnabled else {
            throw PlatformError(200, behaviour.disabledAppCode, "app unauthorized")
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

    private func response(_ token: IssuedToken, named names: [String], message: String) -> Response {
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
