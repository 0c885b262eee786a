import FoundationEssentials
import LarkAPI
import TokenStore

extension AppSummary {
    /// Everything about the app, for people.
    ///
    /// - Parameters:
    ///   - registered: its tenants in the store.
    ///   - secretReference: where its app_secret is, if it is not in the store.
    func details(_ registered: [TenantSummary], secretReference: SecretReference?) -> String {
        let rows: [(name: String, value: String?)] = [
            ("name", name.text), ("app_id", appID.text), ("secret", secretReference?.description),
            ("host", host.origin), ("tenants", "\(tenants)"),
            ("month quota", monthQuota.map { "\($0) calls" }),
            ("events", eventsText), ("ticket", ticketText), ("token", TokenExpiry.text(tokenExpiresAt)),
            ("last error", lastFailure.map { TerminalText.visible($0) }),
        ]
        let installed: [(name: String, value: String?)] = installations.map {
            ($0.state.rawValue, "\($0.tenantKey) since \($0.changedAt.formatted(.iso8601))")
        }
        let named: [(name: String, value: String?)] = registered.map { tenant in
            ("tenant", "\(tenant.name)\(tenant.tenantKey.map { " (\($0))" } ?? "")")
        }
        return Table.text(rows + named + installed)
    }

    /// The ticket's age, or since when one is awaited.
    var ticketText: String {
        if let ticketMadeAt { return "of \(ticketMadeAt.formatted(.iso8601))" }
        return ticketAskedAt.map { "none, asked for at \($0.formatted(.iso8601))" } ?? "none"
    }

    /// How the app's events are authenticated.
    var eventsText: String {
        switch (hasEncryptKey, hasVerificationToken) {
        case (true, true): "encrypted"
        case (false, true): "without Encrypt Key"
        case (true, false): "without Verification Token"
        case (false, false): "unchecked"
        }
    }
}

/// A store app as scripts read it.
struct AppLine: Encodable {
    private struct Registered: Encodable {
        let tenant: String
        let tenantKey: String?
    }

    private struct Installed: Encodable {
        let tenantKey: String
        let state: String
        let changedAt: String
    }

    private let app: String
    private let appID: String
    private let secretFrom: String?
    private let host: String
    private let tenants: Int
    private let monthQuota: Int?
    private let hasVerificationToken: Bool
    private let hasEncryptKey: Bool
    private let addedAt: String
    private let ticketMadeAt: String?
    private let ticketAskedAt: String?
    private let tokenExpiresAt: String?
    private let lastError: String?
    private let registeredTenants: [Registered]?
    private let installations: [Installed]

    /// - Parameters:
    ///   - registered: its tenants in the store, if they are to be listed.
    ///   - secretReference: where its app_secret is, if that is known and it is not in the store.
    init(
        _ summary: AppSummary, tenants registered: [TenantSummary]? = nil, secretReference: SecretReference? = nil
    ) {
        app = summary.name.text
        appID = summary.appID.text
        secretFrom = secretReference?.text
        host = summary.host.origin
        tenants = summary.tenants
        monthQuota = summary.monthQuota
        hasVerificationToken = summary.hasVerificationToken
        hasEncryptKey = summary.hasEncryptKey
        addedAt = summary.createdAt.formatted(.iso8601)
        ticketMadeAt = summary.ticketMadeAt?.formatted(.iso8601)
        ticketAskedAt = summary.ticketAskedAt?.formatted(.iso8601)
        tokenExpiresAt = summary.tokenExpiresAt?.formatted(.iso8601)
        lastError = summary.lastFailure.map { TerminalText.visible($0) }
        registeredTenants = registered?.map { Registered(tenant: $0.name.text, tenantKey: $0.tenantKey?.text) }
        installations = summary.installations.map {
            Installed(
                tenantKey: $0.tenantKey.text, state: $0.state.rawValue, changedAt: $0.changedAt.formatted(.iso8601))
        }
    }

    /// Says what was done to an app.
    ///
    /// - Throws: ``OutputError``.
    static func write(_ verb: String, _ app: AppSummary, asJSON: Bool) throws {
        try Terminal.write(
            asJSON ? JSONLine.text(AppLine(app)) : "\(verb) \(app.name) (\(app.appID) at \(app.host))\n")
    }
}
