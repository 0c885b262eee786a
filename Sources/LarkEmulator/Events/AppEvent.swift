import FoundationEssentials

/// An event of a store app, as the pages "app_ticket event", "App first enabled" and their siblings describe them.
enum AppEvent: Sendable, Hashable {
    case urlVerification(challenge: String)
    case appTicket(String)
    case appOpen(tenantKey: String)
    case appStatusChange(tenantKey: String, status: String)
    case appUninstalled(tenantKey: String)

    var type: String {
        switch self {
        case .urlVerification: "url_verification"
        case .appTicket: "app_ticket"
        case .appOpen: "app_open"
        case .appStatusChange: "app_status_change"
        case .appUninstalled: "app_uninstalled"
        }
    }

    /// The body to push, before encryption: the envelope of schema 1.0.
    func body(app: EmulatedApp, uuid: String, at now: Date) -> JSONValue {
        if case .urlVerification(let challenge) = self {
            return ["challenge": .text(challenge), "token": .text(app.verificationToken), "type": .text(type)]
        }
        let microseconds = Int(now.timeIntervalSince1970 * 1_000_000)
        let fraction = String(microseconds % 1_000_000 + 1_000_000).dropFirst()
        return [
            "ts": .text("\(microseconds / 1_000_000).\(fraction)"),
            "uuid": .text(uuid),
            "token": .text(app.verificationToken),
            "type": "event_callback",
            "event": .object(fields.merging(["app_id": .text(app.appID), "type": .text(type)]) { $1 }),
        ]
    }

    private var fields: [String: JSONValue] {
        switch self {
        case .urlVerification(let challenge):
            ["challenge": .text(challenge)]
        case .appTicket(let ticket):
            ["app_ticket": .text(ticket)]
        case .appOpen(let tenantKey):
            [
                "tenant_key": .text(tenantKey),
                "applicants": [["open_id": "ou_applicant"]],
                "installer": ["open_id": "ou_installer"],
            ]
        case .appStatusChange(let tenantKey, let status):
            ["tenant_key": .text(tenantKey), "status": .text(status)]
        case .appUninstalled(let tenantKey):
            ["tenant_key": .text(tenantKey)]
        }
    }
}
