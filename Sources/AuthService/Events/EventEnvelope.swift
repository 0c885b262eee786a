import FoundationEssentials
import LarkAPI
import TokenStore

/// An event as it is pushed, in either of the platform's two forms (document "Event overview").
///
/// Tickets come in form 1.0 alone: token, id and time stand at the top. In form 2.0 they stand in `header`.
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

    /// A member that other events may have with another type, which is no reason to refuse them.
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

    /// The Verification Token that it carries.
    private let token: String?
    private let challenge: String?

    /// What is to be sent back to prove that the address is ours; nil for an event.
    var challengeToAnswer: String? {
        type == "url_verification" && event == nil && header == nil ? challenge : nil
    }

    var verificationToken: String? { header?.token ?? token }

    /// What makes it one and the same over all deliveries.
    var id: String? {
        let id = header?.eventId ?? (type == "event_callback" ? uuid : nil)
        return id.flatMap { (1...128).contains($0.utf8.count) ? $0 : nil }
    }

    var appID: String? { header?.appId ?? event?.appId }

    /// What it says.
    ///
    /// - Parameter now: for an event that does not say when it was made.
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

    private func installation(_ state: Installation.State, at madeAt: Date) -> AppEvent {
        // Without a valid key the event names no tenant.
        guard let key = event?.tenantKey?.text.flatMap({ try? TenantKey($0) }) else { return .other }
        return .installation(Installation(tenantKey: key, state: state, changedAt: madeAt))
    }

    /// Seconds with a fraction in form 1.0, milliseconds in form 2.0.
    private var madeAt: Date? {
        let seconds = ts.flatMap { Double($0) } ?? header?.createTime.flatMap { Double($0) }.map { $0 / 1000 }
        return seconds.flatMap { (0..<1e11).contains($0) ? Date(timeIntervalSince1970: $0) : nil }
    }

    /// Tickets are opaque, and go into a body of JSON only; what is far too long is none.
    private static func isTicket(_ text: String) -> Bool {
        (1...8192).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
