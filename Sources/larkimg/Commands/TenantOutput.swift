import FoundationEssentials
import LarkAPI
import TokenStore

/// The output of commands about tenants.
enum TenantOutput {
    enum Style {
        case json
        case details
        /// One line that says what was done.
        case line(String)
    }

    /// Writes one tenant.
    ///
    /// - Throws: ``OutputError``.
    static func write(_ tenant: TenantSummary, as style: Style) throws {
        switch style {
        case .json:
            try Terminal.write(JSONLine.text(TenantLine(tenant)))
        case .line(let verb):
            try Terminal.write("\(verb) \(tenant.name) (\(tenant.appID) at \(tenant.host))\n")
        case .details:
            let rows = [
                ("name", tenant.name.text), ("app", tenant.app?.text), ("tenant_key", tenant.tenantKey?.text),
                ("app_id", tenant.appID.text), ("host", tenant.host.origin),
                ("quota", tenant.quota.description), ("added", tenant.createdAt.formatted(.iso8601)),
                ("token", tokenState(tenant.tokenExpiresAt)),
                ("last error", tenant.lastFailure.map { TerminalText.visible($0) }),
            ]
            try Terminal.write(Table.text(rows.compactMap { row in row.1.map { [row.0, $0] } }))
        }
    }

    /// Writes all tenants as a table.
    ///
    /// - Throws: ``OutputError``.
    static func write(_ tenants: [TenantSummary], asJSON: Bool) throws {
        if asJSON {
            for tenant in tenants { try write(tenant, as: .json) }
        } else if !tenants.isEmpty {
            let head = ["NAME", "APP_ID", "HOST", "TOKEN"]
            let rows = tenants.map {
                [$0.name.text, $0.appID.text, $0.host.description, tokenState($0.tokenExpiresAt)]
            }
            try Terminal.write(Table.text([head] + rows))
        }
    }

    /// The token's expiry, or none.
    static func tokenState(_ expiresAt: Date?) -> String {
        guard let expiresAt else { return "none" }
        let verb = expiresAt > Clocks.system.now() ? "until" : "expired"
        return "\(verb) \(expiresAt.formatted(.iso8601))"
    }
}

/// A tenant as scripts read it.
private struct TenantLine: Encodable {
    let tenant: String
    let app: String?
    let tenantKey: String?
    let appID: String
    let host: String
    let quota: String
    let addedAt: String
    let tokenExpiresAt: String?
    let lastError: String?

    init(_ tenant: TenantSummary) {
        self.tenant = tenant.name.text
        app = tenant.app?.text
        tenantKey = tenant.tenantKey?.text
        appID = tenant.appID.text
        host = tenant.host.origin
        quota = tenant.quota.description
        addedAt = tenant.createdAt.formatted(.iso8601)
        tokenExpiresAt = tenant.tokenExpiresAt?.formatted(.iso8601)
        lastError = tenant.lastFailure.map { TerminalText.visible($0) }
    }
}
