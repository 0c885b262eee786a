import FoundationEssentials

/// A caller that the gateway has let through.
struct Principal: Sendable {
    var app: EmulatedApp
    var tenantKey: String
}

extension PlatformState {
    /// What a request is answered. Authentication comes before parameters, as was seen; of the checks between, only
    /// the set is known, not the order.
    mutating func answer(_ exchange: IncomingRequest) -> Response {
        now = clock.now
        guard let api = exchange.route.api else { return .notFound }
        if case .token = exchange.route { return answerToken(api, exchange) }
        do throws(PlatformError) {
            let caller = try admittedCaller(exchange)
            if let excess = countCall(appID: caller.app.appID, tenantKey: caller.tenantKey, api: api) {
                let error = PlatformError.code(99991400, status: switches.quotaStatus)
                let body: JSONValue = ["code": .integer(error.code), "msg": .text(error.message)]
                return Self.limited(excess, .json(body, status: error.status))
            }
            try checkScopes(of: caller.app, for: api)
            switch exchange.route {
            case .image(let key):
                return try imageAnswer(key, caller, exchange)
            case .imageCreation:
                return try creationAnswer(caller, exchange)
            case .messageResource(let messageID, let fileKey):
                return try resourceAnswer(messageID, fileKey, caller, exchange)
            case .token, .controlCommand, .controlJournal, .unknown:
                return .notFound
            }
        } catch {
            return error.answer(logID: exchange.logID, logIDName: switches.logIDName)
        }
    }

    /// Counts a call against the quota, where there is one.
    mutating func countCall(appID: String, tenantKey: String, api: PlatformAPI) -> QuotaWindows.Excess? {
        guard enforcesQuota else { return nil }
        return windows.admit(appID: appID, tenantKey: tenantKey, api: api, quota: quota, at: now)
    }

    static func limited(_ excess: QuotaWindows.Excess, _ answer: Response) -> Response {
        var answer = answer
        answer.set("x-ogw-ratelimit-limit", String(excess.limit))
        answer.set("x-ogw-ratelimit-reset", String(excess.reset))
        return answer
    }

    private func admittedCaller(_ exchange: IncomingRequest) throws(PlatformError) -> Principal {
        guard let text = exchange.bearerToken, !text.isEmpty else { throw .code(99991661) }
        guard let token = tokens.token(text), token.kind != .app, token.isGood(at: now) else {
            // Nothing but its looks tells a token that was never issued: these are taken for a user's.
            let looksLikeUserToken = tokens.token(text) == nil && (text.hasPrefix("eyJ") || text.hasPrefix("u-"))
            throw .code(looksLikeUserToken ? 99991668 : 99991663)
        }
        guard let app = apps[token.appID] else { throw .code(99991663) }
        guard app.isEnabled, !app.stoppedTenantKeys.contains(token.tenantKey) else {
            throw .code(99991662, status: switches.disabledAppStatus)
        }
        guard app.tenantKeys.contains(token.tenantKey) else {
            throw .code(99991673, status: switches.notInstalledStatus)
        }
        if !app.allowedIPs.isEmpty, !app.allowedIPs.contains(exchange.peerAddress ?? "") {
            throw .code(99991401, status: switches.deniedIPStatus)
        }
        return Principal(app: app, tenantKey: token.tenantKey)
    }

    private func checkScopes(of app: EmulatedApp, for api: PlatformAPI) throws(PlatformError) {
        let anyOf =
            switch api {
            case .imagesCreate:
                ["im:resource", "im:resource:upload"]
            case .messageResourceGet:
                ["im:message", "im:message:readonly", "im:message.history:readonly"]
            case .imagesGet, .tenantAccessTokenInternal, .appAccessTokenInternal, .appAccessToken,
                .tenantAccessToken, .appTicketResend, .oauthToken:
                [String]()
            }
        guard anyOf.isEmpty || anyOf.contains(where: app.scopes.contains) else {
            throw .missing(scopes: anyOf)
        }
    }

    /// Who a request says it is from: what the journal notes and faults can be meant for.
    func claimedCaller(of exchange: IncomingRequest) -> (appID: String?, tenantKey: String?) {
        let body = exchange.isTokenRequest ? JSON.value(of: exchange.bodyText) : nil
        switch exchange.route {
        case .token(.oauthToken):
            let appID = Self.clientID(of: exchange)
            return (appID, appID.flatMap { apps[$0]?.tenantKeys.first })
        case .token(.tenantAccessToken):
            let token = body?["app_access_token"]?.string.flatMap { tokens.token($0) }
            return (token?.appID, body?["tenant_key"]?.string)
        case .token(.tenantAccessTokenInternal), .token(.appAccessTokenInternal):
            let appID = body?["app_id"]?.string
            return (appID, appID.flatMap { apps[$0]?.tenantKeys.first })
        case .token:
            return (body?["app_id"]?.string, nil)
        case .image, .imageCreation, .messageResource:
            let token = exchange.bearerToken.flatMap { tokens.token($0) }
            return (token?.appID, token?.tenantKey)
        case .controlCommand, .controlJournal, .unknown:
            return (nil, nil)
        }
    }
}
