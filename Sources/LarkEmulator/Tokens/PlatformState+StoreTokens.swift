import FoundationEssentials

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
            lifetime: switches.tokenLifetime,
            at: now
        )
    }

    /// "Store apps obtain tenant_access_token".
    mutating func storeTenantToken(_ body: JSONValue) throws(PlatformError) -> IssuedToken {
        guard let text = body["app_access_token"]?.string, let tenantKey = body["tenant_key"]?.string else {
            throw .code(10003)
        }
        guard let token = tokens.token(text), token.kind == .app, token.isGood(at: now),
            let app = apps[token.appID]
        else {
            throw .code(99991664, status: switches.invalidAppTokenStatus)
        }
        guard app.isEnabled else {
            throw PlatformError(200, switches.disabledAppCode, "app unauthorized")
        }
        guard app.tenantKeys.contains(tenantKey) else {
            throw .code(switches.notInstalledCode, status: 200)
        }
        return tokens.issue(
            .tenant,
            appID: app.appID,
            tenantKey: tenantKey,
            lifetime: switches.tokenLifetime,
            at: now
        )
    }

    /// "Retrieve app_ticket": the ticket is not in the response, it is pushed as an event. 10012 is never returned here.
    mutating func resendTicket(_ body: JSONValue) throws(PlatformError) {
        let app = try authenticatedApp(body)
        guard app.kind == .store else { throw .code(10016) }
        guard !switches.losesResend, let ticket = renewTicket(of: app.appID) else { return }
        push(.appTicket(ticket), appID: app.appID, after: switches.resendDelay)
    }
}
