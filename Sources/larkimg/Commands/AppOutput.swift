import FoundationEssentials
import LarkAPI
import TokenStore

/// The output of commands about store apps.
enum AppOutput {
    enum Style {
        case json
        case details
        /// One line that says what was done.
        case line(String)
    }

    /// Writes one app.
    ///
    /// - Throws: ``OutputError``.
    static func write(_ app: AppSummary, as style: Style) throws {
        switch style {
        case .json:
            try Terminal.write(JSONLine.text(AppLine(app)))
        case .line(let verb):
            try Terminal.write("\(verb) \(app.name) (\(app.appID) at \(app.host))\n")
        case .details:
            let rows = [
                ("name", app.name.text), ("app_id", app.appID.text), ("host", app.host.origin),
                ("tenants", "\(app.tenants)"), ("events", events(app)), ("ticket", ticket(app)),
                ("token", TenantOutput.tokenState(app.tokenExpiresAt)),
                ("last error", app.lastFailure.map { TerminalText.visible($0) }),
            ]
            let installed = app.installations.map {
                ["\($0.state.rawValue)", "\($0.tenantKey) since \($0.changedAt.formatted(.iso8601))"]
            }
            try Terminal.write(Table.text(rows.compactMap { row in row.1.map { [row.0, $0] } } + installed))
        }
    }

    /// Writes all apps as a table.
    ///
    /// - Throws: ``OutputError``.
    static func write(_ apps: [AppSummary], asJSON: Bool) throws {
        if asJSON {
            for app in apps { try write(app, as: .json) }
        } else if !apps.isEmpty {
            let head = ["NAME", "APP_ID", "HOST", "TENANTS", "EVENTS", "TICKET"]
            let rows = apps.map {
                [$0.name.text, $0.appID.text, $0.host.description, "\($0.tenants)", events($0), ticket($0)]
            }
            try Terminal.write(Table.text([head] + rows))
        }
    }

    private static func ticket(_ app: AppSummary) -> String {
        if let madeAt = app.ticketMadeAt { return "of \(madeAt.formatted(.iso8601))" }
        return app.ticketAskedAt.map { "none, asked for at \($0.formatted(.iso8601))" } ?? "none"
    }

    private static func events(_ app: AppSummary) -> String {
        switch (app.hasEncryptKey, app.hasVerificationToken) {
        case (true, true): "encrypted"
        case (false, true): "without Encrypt Key"
        case (true, false): "without Verification Token"
        case (false, false): "unchecked"
        }
    }
}

/// A store app as scripts read it.
private struct AppLine: Encodable {
    private struct Installed: Encodable {
        let tenantKey: String
        let state: String
        let changedAt: String
    }

    private let app: String
    private let appID: String
    private let host: String
    private let tenants: Int
    private let hasVerificationToken: Bool
    private let hasEncryptKey: Bool
    private let addedAt: String
    private let ticketMadeAt: String?
    private let ticketAskedAt: String?
    private let tokenExpiresAt: String?
    private let lastError: String?
    private let installations: [Installed]

    init(_ summary: AppSummary) {
        app = summary.name.text
        appID = summary.appID.text
        host = summary.host.origin
        tenants = summary.tenants
        hasVerificationToken = summary.hasVerificationToken
        hasEncryptKey = summary.hasEncryptKey
        addedAt = summary.createdAt.formatted(.iso8601)
        ticketMadeAt = summary.ticketMadeAt?.formatted(.iso8601)
        ticketAskedAt = summary.ticketAskedAt?.formatted(.iso8601)
        tokenExpiresAt = summary.tokenExpiresAt?.formatted(.iso8601)
        lastError = summary.lastFailure.map { TerminalText.visible($0) }
        installations = summary.installations.map {
            Installed(
                tenantKey: $0.tenantKey.text, state: $0.state.rawValue, changedAt: $0.changedAt.formatted(.iso8601))
        }
    }
}
