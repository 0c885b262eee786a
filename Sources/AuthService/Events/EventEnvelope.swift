import FoundationEssentials
import LarkAPI
import TokenStore

/// An event in either of the platform's two formats (document "Event overview").
///
/// In format 1.0, the only one for app_tickets, token, id and time are at the top level. In format 2.0 they are in
/// `header`.
struct EventEnvelope: Decodable {
    struct Header: Decodable {
        let eventId: String?
        let token: String?
        let createTime: String?
        let eventType: String?
        let appId: String?
    }

    struct Event: Decodable {
        let type: String?
        let appId: String?
        let appTicket: String?
        let tenantKey: LenientString?
        let status: LenientString?
    }

    /// A member that has another type in some events. Such an event is not refused for that.
    struct LenientString: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            text = try? decoder.singleValueContainer().decode(String.self)
        }
    }

    private let type: String?
    private let uuid: String?
    private let ts: String?
    private let header: Header?
    private let event: Event?

    /// The Verification Token of format 1.0.
    private let token: String?
    private let challenge: String?

    /// The text to send back to verify the request address; nil for an event.
    var challengeToAnswer: String? {
        type == "url_verification" && event == nil && header == nil ? challenge : nil
    }

    var verificationToken: String? { header?.token ?? token }

    /// The id, which is the same for all deliveries of an event.
    var id: String? {
        let id = header?.eventId ?? (type == "event_callback" ? uuid : nil)
        return id.flatMap { (1...128).contains($0.utf8.count) ? $0 : nil }
    }

    var appID: String? { header?.appId ?? event?.appId }

    /// The content that concerns the store.
    ///
    /// - Parameter now: the time of an event that does not contain one.
    func content(at now: Date) -> AppEvent {
        let madeAt = madeAt ?? now
        switch header?.eventType ?? event?.type {
        case "app_ticket":
            guard let text = event?.appTicket, Self.isTicket(text) else { return .other }
            return .ticket(Secret(text), madeAt: madeAt)
        case "app_open":
            return installation(.enabled, at: madeAt)
        case "app_status_change":
            return installation(event?.status?.text == "start_by_tenant" ? .enabled : .disabled, at: madeAt)
        case "app_uninstalled":
            return installation(.uninstalled, at: madeAt)
        default:
            return .other
        }
    }

    /// Whether it announces an app_ticket but contains none that is valid.
    var lacksTicket: Bool {
        guard (header?.eventType ?? event?.type) == "app_ticket" else { return false }
        return !(event?.appTicket.map(Self.isTicket) ?? false)
    }

    private func installation(_ state: Installation.State, at madeAt: Date) -> AppEvent {
        // Without a valid tenant_key the event names no tenant.
        guard let key = event?.tenantKey?.text.flatMap({ try? TenantKey($0) }) else { return .other }
        return .installation(Installation(tenantKey: key, state: state, changedAt: madeAt))
    }

    /// Seconds with a fraction in format 1.0, milliseconds in format 2.0.
    private var madeAt: Date? {
        let seconds = ts.flatMap { Double($0) } ?? header?.createTime.flatMap { Double($0) }.map { $0 / 1000 }
        return seconds.flatMap { (0..<1e11).contains($0) ? Date(timeIntervalSince1970: $0) : nil }
    }

    /// Tickets are opaque and are only sent as JSON strings. The limit is far above the length of any ticket.
    private static func isTicket(_ text: String) -> Bool {
        (1...8192).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
