import FoundationEssentials
import LarkAPI
import Logging

/// The tokens of store apps: app_ticket → app_access_token → tenant_access_token.
///
/// The ticket is pushed to the service. The app_access_token is stored like a tenant's token and used for all tenants
/// of the app.
extension StoredTokenProvider {
    /// How long an app_access_token must be valid: for one request.
    private static let appTokenLifetime = Duration.seconds(60)

    /// How long no one looks for a ticket after it did not arrive. When it arrives, this ends.
    private static let ticketBackoff = Duration.seconds(5)

    /// Requests a token in the way of its kind of app.
    ///
    /// - Throws: ``LarkError``; errors of reading the store.
    func requestedToken(
        for state: TokenState, isEarly: Bool, ticketTimeout: Duration
    ) async throws -> TenantAccessToken {
        let app = state.app
        guard let name = app.name else {
            return try await request(.customTenant(try await store.credentials(of: app)), of: app)
        }
        do {
            switch state.owner {
            case .app: return try await requestedAppToken(of: app, ticketTimeout: ticketTimeout)
            case .tenant:
                return try await requestedToken(
                    for: TenantKey(state.tenantKey), of: app, named: name, isEarly: isEarly)
            }
        } catch let error as LarkError where error.isCredentialError {
            throw error.withRemedy(Remedy("", PlatformAction.replaceAppSecret(of: name)))
        }
    }

    /// Requests a tenant's token. If the platform rejects the app_access_token, it is renewed once.
    func requestedToken(
        for tenantKey: TenantKey, of app: AppRecord, named name: AppName, isEarly: Bool = false
    ) async throws -> TenantAccessToken {
        func appAccessToken() async throws -> AppAccessToken {
            try await isEarly ? availableAppToken(name) : token(of: .app(name), goodFor: Self.appTokenLifetime)
        }
        let appToken = try await appAccessToken()
        do {
            return try await request(.storeTenant(tenantKey, appAccessToken: appToken, host: app.host), of: app)
        } catch let error as LarkError where error.rejectsToken {
            try await store.invalidate(appToken, of: .app(name))
            let newer = try await appAccessToken()
            return try await request(.storeTenant(tenantKey, appAccessToken: newer, host: app.host), of: app)
        }
    }

    /// Returns an app's own token if that takes no wait: neither for a ticket nor for another process.
    private func availableAppToken(_ app: AppName) async throws -> AppAccessToken {
        let state = try await store.state(of: .app(app))
        let now = clocks.now()
        if let token = state.validToken(at: now)?.token, token.remaining(at: now) >= Self.appTokenLifetime {
            return token
        }
        if let token = try await renewIfUncontended(state) { return token }
        throw LarkError(
            .tryLater, "another process is renewing the app_access_token of \(app)", remedy: "Run this again",
            isRetryable: true)
    }

    /// Requests an app's own token. If the platform rejects the ticket, another one is requested once.
    private func requestedAppToken(of app: AppRecord, ticketTimeout: Duration) async throws -> AppAccessToken {
        let credentials = try await store.credentials(of: app)
        var refusal: LarkError?
        if let ticket = try await store.ticket(of: app) {
            do {
                return try await request(.app(credentials, ticket: ticket.secret), of: app)
            } catch let error as LarkError where error.isInvalidTicket {
                refusal = error
                try await store.drop(ticket, of: app)
            }
        }
        let ticket = try await newTicket(of: app, credentials, after: refusal, timeout: ticketTimeout)
        do {
            return try await request(.app(credentials, ticket: ticket.secret), of: app)
        } catch let error as LarkError where error.isInvalidTicket {
            try await store.drop(ticket, of: app)
            throw error
        }
    }

    /// Requests another ticket, unless that was done a moment ago, and waits for it.
    private func newTicket(
        of app: AppRecord, _ credentials: AppCredentials, after refusal: LarkError?, timeout: Duration
    ) async throws -> AppTicket {
        // It may have arrived while the old one was tried.
        if let ticket = try await store.ticket(of: app) { return ticket }
        let start = clocks.now()
        let requestedBefore = try await store.claimTicketRequest(of: app)
        if requestedBefore == nil {
            do {
                try await send(to: credentials.host) { _ in
                    try await endpoint.requestTicket(credentials, callCounter(of: app))
                }
            } catch {
                try await store.releaseTicketRequest(of: app)
                throw error
            }
        }
        if timeout > .zero {
            Logger.current.warning(
                "a new app_ticket was requested; the platform was observed to push it after two minutes",
                metadata: ["app": "\(app.name?.text ?? "")", "timeout": "\(timeout.components.seconds) s"])
        }
        var waited = Duration.zero
        while waited < timeout {
            let pause = Duration.milliseconds(400 + Int(200 * clocks.random()))
            try await clocks.sleep(pause)
            waited += pause
            if let ticket = try await store.ticket(of: app) { return ticket }
        }
        throw noTicket(of: app, after: refusal, requestedAt: requestedBefore ?? start, waited: waited)
    }

    private func noTicket(
        of app: AppRecord, after refusal: LarkError?, requestedAt: Date, waited: Duration
    ) -> LarkError {
        let name = app.name?.text ?? ""
        let what = refusal == nil ? "there is no app_ticket of \(name) yet" : "the app_ticket of \(name) is not valid"
        let age = max(0, Int(clocks.now().timeIntervalSince(requestedAt)))
        let waiting = waited > .zero ? " and has not arrived after \(waited.components.seconds) s of waiting" : ""
        return LarkError(
            .tryLater, "\(what); a new one was requested \(age) s ago\(waiting)",
            remedy: app.name.map { .missingTicket(of: $0) },
            httpStatus: refusal?.httpStatus, platformCode: refusal?.platformCode,
            platformMessage: refusal?.platformMessage, logID: refusal?.logID, retryAfter: Self.ticketBackoff,
            isRetryable: true
        )
    }
}

extension Remedy {
    /// The remedy if a store app has no valid ticket.
    static func missingTicket(of app: AppName) -> Remedy {
        Remedy(
            "The platform pushes it to the app's event address within two minutes, where the auth service must run",
            StoreAction.setTicket(app))
    }
}
