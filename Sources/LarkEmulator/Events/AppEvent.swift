public import FoundationEssentials

/// An event of an app, as the pages "app_ticket event", "App first enabled", "Receive message" and their siblings
/// describe them.
enum AppEvent: Sendable, Hashable {
    case urlVerification(challenge: String)
    case appTicket(String)
    case appOpen(tenantKey: String)
    case appStatusChange(tenantKey: String, status: String)
    case appUninstalled(tenantKey: String)
    case message(MessageEvent)

    var type: String {
        switch self {
        case .urlVerification: "url_verification"
        case .appTicket: "app_ticket"
        case .appOpen: "app_open"
        case .appStatusChange: "app_status_change"
        case .appUninstalled: "app_uninstalled"
        case .message(let event): event.type
        }
    }

    /// The body to push, before encryption.
    func body(app: EmulatedApp, uuid: String, at now: Date) -> JSONValue {
        if case .urlVerification(let challenge) = self {
            return ["challenge": .text(challenge), "token": .text(app.verificationToken), "type": .text(type)]
        }
        if case .message(let event) = self, event.schema == .second {
            return [
                "schema": .text(event.schema.rawValue),
                "header": [
                    "event_id": .text(uuid),
                    "event_type": .text(type),
                    "create_time": .text(String(Int(now.timeIntervalSince1970 * 1000))),
                    "token": .text(app.verificationToken),
                    "app_id": .text(app.appID),
                    "tenant_key": .text(event.tenantKey),
                ],
                "event": .object(event.members),
            ]
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
        case .message(let event):
            event.members
        }
    }
}

/// An event and the attempts to deliver it.
public struct EventPush: Sendable, Hashable, Codable {
    /// One attempt.
    public struct Delivery: Sendable, Hashable, Codable {
        /// The virtual time at which it began.
        public var time: Date
        /// The HTTP status of the reply; nil if there was none.
        public var status: Int?
        /// Whether the platform counts it as received: status 200 in time, and for url_verification the challenge.
        public var succeeded: Bool
    }

    /// The event's identifier, the same in all deliveries.
    public var uuid: String
    /// The app's app_id.
    public var appID: String
    /// The type, for example `app_ticket` or `url_verification`.
    public var type: String
    /// The body before encryption.
    public var body: String
    /// The attempts so far.
    public var deliveries: [Delivery] = []

    private enum CodingKeys: String, CodingKey {
        case uuid
        case appID = "app_id"
        case type
        case body
        case deliveries
    }
}
