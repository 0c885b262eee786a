import FoundationEssentials
public import LarkAPI
import Logging

/// app_ticket → app_access_token → tenant_access_token: the first comes to the service, the second is kept like a
/// tenant's token and serves all tenants of the app.
extension StoredTokenProvider {
    /// For how long an app_access_token is needed: for one request.
    private static let appTokenLife = Duration.seconds(60)

    /// The token of a tenant that is not in the store, to prove that it installed the app.
    ///
    /// - Throws: as ``token(for:goodFor:)``.
    public func token(of tenantKey: TenantKey, in app: AppName) async throws -> TenantAccessToken {
        try await tenantToken(tenantKey, of: app, host: try await store.app(app).host)
    }

    /// How long nobody looks whether a ticket has come, after it did not; when it comes, everybody may ask at once.
    private static let ticketPause = Duration.seconds(5)

    /// A token from the platform, by the way that its app takes.
    ///
    /// - Throws: ``LarkError``; what reading the store throws.
    func issuedToken(
        for state: TokenState, isEarly: Bool, ticketPatience: Duration
    ) async throws -> TenantAccessToken {
        let app = state.app
        guard let name = app.name else {
            return try await issuer.token(.customTenant(try await store.credentials(of: app)))
        }
        do {
            switch state.owner {
            case .app: return try await appToken(of: app, ticketPatience: ticketPatience)
            case .tenant:
                return try await tenantToken(
                    TenantKey(state.tenantKey), of: name, host: app.host, isEarly: isEarly)
            }
        } catch let error as LarkError where error.isCredentialError {
            throw error.withRemedy(Remedy("", PlatformAction.replaceAppSecret(of: name)))
        }
    }

    /// A tenant's token. An app_access_token that turns out to be dead is struck and had anew, once.
    private func tenantToken(
        _ tenantKey: TenantKey, of app: AppName, host: LarkHost, isEarly: Bool = false
    ) async throws -> TenantAccessToken {
        func appAccessToken() async throws -> AppAccessToken {
            try await isEarly ? cachedAppToken(app) : token(of: .app(app), goodFor: Self.appTokenLife)
        }
        let appToken = try await appAccessToken()
        do {
            return try await issuer.token(.storeTenant(tenantKey, appAccessToken: appToken, host: host))
        } catch let error as LarkError where error.rejectsToken {
            try await store.invalidate(appToken, of: .app(app))
            let newer = try await appAccessToken()
            return try await issuer.token(.storeTenant(tenantKey, appAccessToken: newer, host: host))
        }
    }

    /// An app's own token, if it is there or can be had at once: without a wait for a ticket, or for another's renewal.
    private func cachedAppToken(_ app: AppName) async throws -> AppAccessToken {
        let state = try await store.state(of: .app(app))
        switch state.age(at: timing.now(), goodFor: Self.appTokenLife) {
        case .fresh(let token), .expiring(let token): return token
        case .expired: break
        }
        if let token = try await renewIfUncontended(state) { return token }
        throw LarkError(
            .tryLater, "the app_access_token of \(app) is being renewed", remedy: "Run this again", isRetryable: true)
    }

    /// An app's own token. A ticket that the platform refuses is dropped and asked for anew, once.
    private func appToken(of app: AppRecord, ticketPatience: Duration) async throws -> AppAccessToken {
        let credentials = try await store.credentials(of: app)
        var refusal: LarkError?
        if let ticket = try await store.ticket(of: app) {
            do {
                return try await issuer.token(.app(credentials, ticket: ticket.secret))
            } catch let error as LarkError where error.isInvalidTicket {
                refusal = error
                try await store.drop(ticket, of: app)
            }
        }
        let ticket = try await newTicket(of: app, credentials, after: refusal, patience: ticketPatience)
        do {
            return try await issuer.token(.app(credentials, ticket: ticket.secret))
        } catch let error as LarkError where error.isInvalidTicket {
            try await store.drop(ticket, of: app)
            throw error
        }
    }

    /// Asks for another ticket, unless somebody just did, and waits for it.
    private func newTicket(
        of app: AppRecord, _ credentials: AppCredentials, after refusal: LarkError?, patience: Duration
    ) async throws -> AppTicket {
        // Pushed while the old one was tried.
        if let ticket = try await store.ticket(of: app) { return ticket }
        let askedBefore = try await store.claimTicketRequest(of: app)
        if askedBefore == nil {
            do {
                try await issuer.requestTicket(credentials)
            } catch {
                try await store.releaseTicketRequest(of: app)
                throw error
            }
        }
        if patience > .zero {
            Logger.current.warning(
                "the platform was asked for a new app_ticket; it was seen to come two minutes later",
                metadata: ["app": "\(app.name?.text ?? "")", "waiting for at most": "\(patience.components.seconds) s"])
        }
        var waited = Duration.zero
        while waited < patience {
            let pause = Duration.milliseconds(400 + Int(200 * timing.random()))
            try await timing.sleep(pause)
            waited += pause
            if let ticket = try await store.ticket(of: app) { return ticket }
        }
        throw noTicket(of: app, after: refusal, askedBefore: askedBefore, waited: waited)
    }

    private func noTicket(
        of app: AppRecord, after refusal: LarkError?, askedBefore: Int64?, waited: Duration
    ) -> LarkError {
        let name = app.name?.text ?? ""
        let what = refusal == nil ? "there is no app_ticket of \(name) yet" : "the app_ticket of \(name) is not valid"
        let asked = askedBefore.map { "was asked for a new one \($0) s ago" } ?? "was asked for a new one"
        let waiting = waited > .zero ? ", which did not come within \(waited.components.seconds) s" : ""
        return LarkError(
            .tryLater, "\(what); the platform \(asked)\(waiting)",
            remedy: """
                It comes to the app's event address only, up to two minutes later: run larkimg serve there and run \
                this again, or hand one over: larkimg app ticket set \(name) --file FILE
                """,
            httpStatus: refusal?.httpStatus, platformCode: refusal?.platformCode,
            platformMessage: refusal?.platformMessage, logID: refusal?.logID, retryAfter: Self.ticketPause,
            isRetryable: true
        )
    }
}
