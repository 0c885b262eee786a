import FoundationEssentials
import LarkAPI
import TokenStore

extension TenantSummary {
    /// Everything about the tenant, for people.
    ///
    /// - Parameter secretReference: where its app_secret is, if it is not in the store.
    func details(secretReference: SecretReference?) -> String {
        Table.text([
            ("name", name.text), ("app", app?.text), ("tenant_key", tenantKey?.text), ("app_id", appID.text),
            ("secret", secretReference?.description), ("host", host.origin), ("quota", quota.description),
            ("month quota", monthQuota.map { "\($0) calls" }), ("added", createdAt.formatted(.iso8601)),
            ("token", TokenExpiry.text(tokenExpiresAt)),
            ("last error", lastFailure.map { TerminalText.visible($0) }),
        ])
    }
}

/// A tenant as scripts read it.
struct TenantLine: Encodable {
    let tenant: String
    let app: String?
    let tenantKey: String?
    let appID: String
    let secretFrom: String?
    let host: String
    let quota: String
    let monthQuota: Int?
    let addedAt: String
    let tokenExpiresAt: String?
    let lastError: String?

    /// - Parameter secretReference: where its app_secret is, if that is known and it is not in the store.
    init(_ tenant: TenantSummary, secretReference: SecretReference? = nil) {
        self.tenant = tenant.name.text
        app = tenant.app?.text
        tenantKey = tenant.tenantKey?.text
        appID = tenant.appID.text
        secretFrom = secretReference?.text
        host = tenant.host.origin
        quota = tenant.quota.description
        monthQuota = tenant.monthQuota
        addedAt = tenant.createdAt.formatted(.iso8601)
        tokenExpiresAt = tenant.tokenExpiresAt?.formatted(.iso8601)
        lastError = tenant.lastFailure.map { TerminalText.visible($0) }
    }

    /// Says on stderr that a list is empty.
    static func reportNone() {
        Terminal.note("there are no tenants; to register one: larkimg tenant add NAME --app-id ID")
    }

    /// Says what was done to a tenant.
    ///
    /// - Throws: ``OutputError``.
    static func write(_ verb: String, _ tenant: TenantSummary, asJSON: Bool) throws {
        try Terminal.write(
            asJSON
                ? JSONLine.text(TenantLine(tenant)) : "\(verb) \(tenant.name) (\(tenant.appID) at \(tenant.host))\n")
    }
}

/// When a cached token expires, for people.
enum TokenExpiry {
    static func text(_ expiresAt: Date?) -> String {
        guard let expiresAt else { return "none" }
        let verb = expiresAt > Clocks.system.now() ? "until" : "expired"
        return "\(verb) \(expiresAt.formatted(.iso8601))"
    }
}
