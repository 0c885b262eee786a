import FoundationEssentials

/// An issued token.
struct IssuedToken: Sendable {
    enum Kind: Sendable, Hashable {
        case app
        case tenant
        /// A tenant token of the newer OAuth endpoint.
        case oauth
    }

    var text: String
    var kind: Kind
    var appID: String
    var tenantKey: String
    var expiresAt: Date
    var isRevoked = false

    func isValid(at now: Date) -> Bool {
        !isRevoked && now < expiresAt
    }
}

/// The issued tokens, and the rule for issuing them: the same token while 30 minutes or more of it are
/// left, then a new one; the old one stays valid until it expires ("Custom apps obtain tenant_access_token").
struct TokenLedger: Sendable {
    private struct Holder: Hashable {
        var kind: IssuedToken.Kind
        var appID: String
        var tenantKey: String
    }

    /// With less than this left, a request gets a new token.
    static let renewalWindow: Double = 1800

    private var tokens: [String: IssuedToken] = [:]
    private var current: [Holder: String] = [:]

    /// The token to issue now.
    mutating func issue(
        _ kind: IssuedToken.Kind,
        appID: String,
        tenantKey: String,
        lifetime: Int,
        at now: Date
    ) -> IssuedToken {
        let holder = Holder(kind: kind, appID: appID, tenantKey: tenantKey)
        if let text = current[holder], let token = tokens[text], !token.isRevoked,
            token.expiresAt.timeIntervalSince(now) >= Self.renewalWindow
        {
            return token
        }
        let token = IssuedToken(
            text: Identifiers.token(kind),
            kind: kind,
            appID: appID,
            tenantKey: tenantKey,
            expiresAt: now.addingTimeInterval(Double(lifetime))
        )
        tokens[token.text] = token
        current[holder] = token.text
        return token
    }

    /// The token with that text, valid or not.
    func token(_ text: String) -> IssuedToken? {
        tokens[text]
    }

    mutating func revoke(appID: String, tenantKey: String?) {
        for (text, token) in tokens where token.appID == appID && (tenantKey == nil || token.tenantKey == tenantKey) {
            tokens[text]?.isRevoked = true
        }
    }
}
