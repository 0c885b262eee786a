import FoundationEssentials

/// An authorised caller.
struct Principal: Sendable {
    var app: EmulatedApp
    var tenantKey: String
}

extension PlatformState {
    /// The response to a request. Authentication is checked before parameters, as observed; of the checks in between
    /// only the set is known, not the order.
    mutating func response(_ request: IncomingRequest) -> Response {
        now = clock.now
        guard let api = request.route.api, api != .messageBatchGet || behaviour.servesMessageBatches else {
            return .notFound
        }
        if case .token = request.route { return tokenResponse(api, request) }
        do throws(PlatformError) {
            let caller = try authenticatedPrincipal(request)
            if let excess = countCall(appID: caller.app.appID, tenantKey: caller.tenantKey, api: api) {
                let error = PlatformError.code(99991400, status: behaviour.quotaStatus)
                let body: JSONValue = ["code": .integer(error.code), "msg": .text(error.message)]
                return Self.limited(excess, .json(body, status: error.status))
            }
            try checkScopes(of: caller.app, for: api)
            switch request.route {
            case .image(let key):
                return try imageResponse(key, caller, request)
            case .imageCreation:
                return try creationResponse(caller, request)
            case .messageResource(let messageID, let fileKey):
                return try resourceResponse(messageID, fileKey, caller, request)
            case .message(let id):
                return try messageResponse(id, caller, request)
            case .messageList:
                return try messageListResponse(caller, request)
            case .messageBatch:
                return try messageBatchResponse(caller, request)
            case .token, .controlCommand, .controlJournal, .controlDump, .unknown:
                return .notFound
            }
        } catch {
            return error.response(logID: request.logID, logIDName: behaviour.logIDName)
        }
    }

    private func authenticatedPrincipal(_ request: IncomingRequest) throws(PlatformError) -> Principal {
        guard let text = request.bearerToken, !text.isEmpty else { throw .code(99991661) }
        guard let token = tokens.token(text), token.kind != .app, token.isValid(at: now) else {
            // An unknown token is classified by its prefix: these are taken for a user's.
            let looksLikeUserToken = tokens.token(text) == nil && (text.hasPrefix("eyJ") || text.hasPrefix("u-"))
            throw .code(looksLikeUserToken ? 99991668 : 99991663)
        }
        guard let app = apps[token.appID] else { throw .code(99991663) }
        guard app.isEnabled, !app.stoppedTenantKeys.contains(token.tenantKey) else {
            throw .code(99991662, status: behaviour.disabledAppStatus)
        }
        guard app.tenantKeys.contains(token.tenantKey) else {
            throw .code(99991673, status: behaviour.notInstalledStatus)
        }
        if !app.allowedIPs.isEmpty, !app.allowedIPs.contains(request.peerAddress ?? "") {
            throw .code(99991401, status: behaviour.deniedIPStatus)
        }
        return Principal(app: app, tenantKey: token.tenantKey)
    }

    private func checkScopes(of app: EmulatedApp, for api: PlatformAPI) throws(PlatformError) {
        let anyOf =
            switch api {
            case .imagesCreate:
                ["im:resource", "im:resource:upload"]
            case .messageResourceGet, .messageList:
                ["im:message", "im:message:readonly", "im:message.history:readonly"]
            case .messageGet, .messageBatchGet:
                ["im:message", "im:message:readonly"]
            case .imagesGet, .tenantAccessTokenInternal, .appAccessTokenInternal, .appAccessToken,
                .tenantAccessToken, .appTicketResend, .oauthToken:
                [String]()
            }
        guard anyOf.isEmpty || anyOf.contains(where: app.scopes.contains) else {
            throw .missing(scopes: anyOf)
        }
    }

    /// The app and tenant that a request claims, for the journal and for matching faults.
    func claimedCaller(of request: IncomingRequest) -> (appID: String?, tenantKey: String?) {
        let body = request.isTokenRequest ? JSONValue(parsing: request.bodyText) : nil
        switch request.route {
        case .token(.oauthToken):
            let appID = Self.clientID(of: request)
            return (appID, appID.flatMap { apps[$0]?.tenantKeys.first })
        case .token(.tenantAccessToken):
            let token = body?["app_access_token"]?.string.flatMap { tokens.token($0) }
            return (token?.appID, body?["tenant_key"]?.string)
        case .token(.tenantAccessTokenInternal), .token(.appAccessTokenInternal):
            let appID = body?["app_id"]?.string
            return (appID, appID.flatMap { apps[$0]?.tenantKeys.first })
        case .token:
            return (body?["app_id"]?.string, nil)
        case .image, .imageCreation, .messageResource, .message, .messageList, .messageBatch:
            let token = request.bearerToken.flatMap { tokens.token($0) }
            return (token?.appID, token?.tenantKey)
        case .controlCommand, .controlJournal, .controlDump, .unknown:
            return (nil, nil)
        }
    }
}
