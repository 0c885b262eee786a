import FoundationEssentials

/// The app_tickets of one store app.
struct AppTickets: Sendable {
    var current = Identifiers.appTicket()
    var previous: String?

    /// Replaces the current ticket by a new one.
    mutating func renew() {
        previous = current
        current = Identifiers.appTicket()
    }
}

extension PlatformState {
    func currentTicket(of appID: String) -> String? {
        tickets[appID]?.current
    }

    /// Makes a new ticket for a store app and returns it.
    mutating func renewTicket(of appID: String) -> String? {
        tickets[appID]?.renew()
        return currentTicket(of: appID)
    }

    /// Whether a ticket is valid. Its lifetime is not documented, so a switch decides about the previous one.
    func acceptsTicket(_ ticket: String, of appID: String) -> Bool {
        guard let tickets = tickets[appID] else { return false }
        return ticket == tickets.current || (behaviour.acceptsPreviousTicket && ticket == tickets.previous)
    }
}

extension PlatformState {
    /// "Store apps obtain app_access_token": the app_ticket proves that the app gets its events.
    mutating func appToken(_ body: JSONValue) throws(PlatformError) -> IssuedToken {
        let app = try authenticatedApp(body)
        guard let ticket = body["app_ticket"]?.string, acceptsTicket(ticket, of: app.appID) else {
            throw .code(10012)
        }
        return tokens.issue(
            .app,
            appID: app.appID,
            tenantKey: "",
            lifetime: behaviour.tokenLifetime,
            at: now
        )
    }

    /// "Store apps obtain tenant_access_token".
    mutating func storeTenantToken(_ body: JSONValue) throws(PlatformError) -> IssuedToken {
        guard let text = body["app_access_token"]?.string, let tenantKey = body["tenant_key"]?.string else {
            throw .code(10003)
        }
        guard let token = tokens.token(text), token.kind == .app, token.isValid(at: now),
            let app = apps[token.appID]
        else {
            throw .code(99991664, status: behaviour.invalidAppTokenStatus)
        }
        guard app.isEnabled else {
            throw PlatformError(200, behaviour.disabledAppCode, "app unauthorized")
        }
        guard app.tenantKeys.contains(tenantKey) else {
            throw .code(behaviour.notInstalledCode, status: 200)
        }
        return tokens.issue(
            .tenant,
            appID: app.appID,
            tenantKey: tenantKey,
            lifetime: behaviour.tokenLifetime,
            at: now
        )
    }

    /// "Retrieve app_ticket": the ticket is not in the response, it is pushed as an event. 10012 is never returned here.
    mutating func resendTicket(_ body: JSONValue) throws(PlatformError) {
        let app = try authenticatedApp(body)
        guard app.kind == .store else { throw .code(10016) }
        guard !behaviour.losesResend, let ticket = renewTicket(of: app.appID) else { return }
        push(.appTicket(ticket), appID: app.appID, after: behaviour.resendDelay)
    }
}
