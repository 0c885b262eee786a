import AuthServiceClient
import FoundationEssentials
import HTTPTypes
import Hummingbird
import LarkAPI
import Logging
import Synchronization
import TokenStore

/// Authenticates and handles what the platform pushes to a store app's request address.
///
/// The signature is checked on the received bytes before anything is decrypted. Every refused event gets the same
/// response. Only the challenge that verifies the address is not signed (document "Receive events").
final class EventWebhook: Sendable {
    private struct App {
        let appID: AppID
        let settings: EventSettings
    }

    private struct EncryptedBody: Decodable {
        let encrypt: String
    }

    /// The body of the response: the challenge, or the confirmation of an event.
    struct Reply: Encodable {
        var challenge: String?
        var msg: String?
    }

    /// How many requests without a signature are decrypted in a minute for each app: enough to verify an address, too
    /// few to learn from the time they take.
    private static let unsignedPerMinute = 10

    private let store: Store
    private let acceptsUnsigned: Bool
    private let audit: AuditLog
    private let timing: Clocks
    /// When requests without a signature were decrypted, by app.
    private let unsigned = Mutex<[AppName: [Date]]>([:])
    private let apps: ReadThroughCache<Bool, [AppName: App]>

    init(store: Store, acceptsUnsigned: Bool, audit: AuditLog, timing: Clocks) {
        self.store = store
        self.acceptsUnsigned = acceptsUnsigned
        self.audit = audit
        self.timing = timing
        apps = ReadThroughCache(timing: timing)
    }

    /// Handles one request.
    ///
    /// - Throws: ``ServiceError/eventRefused``; what the store throws, so that the platform sends the event again.
    func receive(_ request: HTTPRequest, body: [UInt8], app name: String) async throws -> Reply {
        let now = timing.now()
        guard let name = try? AppName(name), let app = try await app(name),
            let envelope = envelope(request, body: body, name: name, app: app, at: now),
            app.settings.verificationToken.map({ $0 == Secret(envelope.verificationToken ?? "") }) ?? acceptsUnsigned
        else { throw ServiceError.eventRefused }
        if let challenge = envelope.challengeToAnswer { return Reply(challenge: challenge) }
        guard let id = envelope.id, envelope.appID == app.appID.text else { throw ServiceError.eventRefused }
        if envelope.lacksTicket {
            Logger.current.warning("an app_ticket event contains no app_ticket", metadata: ["app": "\(name)"])
        }
        let content = envelope.content(at: now)
        let isNew = try await store.receive(content, id: id, of: name)
        if isNew, case .ticket = content {
            await audit.note(AuditLog.Entry(audit: "event", result: "ticket_received", app: name.text), at: now)
        }
        return Reply(msg: "success")
    }

    /// The event in a body, if it is signed and encrypted as the app's settings require.
    private func envelope(
        _ request: HTTPRequest, body: [UInt8], name: AppName, app: App, at now: Date
    ) -> EventEnvelope? {
        guard let encryptKey = app.settings.encryptKey else { return acceptsUnsigned ? decoded(body) : nil }
        let signature = signature(of: request)
        if let signature, !signature.isValid(for: body, encryptKey: encryptKey, at: now) { return nil }
        // Anyone may send anything here, so a failure is not logged.
        guard let sealed = try? ServiceJSON.decode(EncryptedBody.self, from: body),
            signature != nil || mayDecryptUnsigned(of: name, at: now),
            let plain = EventCipher.decrypted(sealed.encrypt, encryptKey: encryptKey)
        else { return nil }
        // Decoded even if the padding is wrong, so that both take the same time.
        let envelope = decoded(plain.bytes)
        guard plain.isPaddingValid, let envelope else { return nil }
        return signature != nil || envelope.challengeToAnswer != nil ? envelope : nil
    }

    private func mayDecryptUnsigned(of app: AppName, at now: Date) -> Bool {
        unsigned.withLock { unsigned in
            let recent = unsigned[app, default: []].filter { (0..<60).contains(now.timeIntervalSince($0)) }
            guard recent.count < Self.unsignedPerMinute else { return false }
            unsigned[app] = recent + [now]
            return true
        }
    }

    private func app(_ name: AppName) async throws -> App? {
        let apps = try await apps.value(for: true) { [store] in
            try await store.eventSettings().mapValues { App(appID: $0.appID, settings: $0.settings) }
        }
        return apps[name]
    }

    private func decoded(_ bytes: [UInt8]) -> EventEnvelope? {
        try? ServiceJSON.decode(EventEnvelope.self, from: bytes)
    }

    /// The signature; nil if the request is not signed.
    private func signature(of request: HTTPRequest) -> EventSignature? {
        let fields = request.headerFields
        guard let signature = fields[.larkSignature] else { return nil }
        return EventSignature(
            timestamp: fields[.larkTimestamp] ?? "", nonce: fields[.larkNonce] ?? "", signature: signature)
    }
}

/// The endpoint for a store app's events. An event's signature takes the place of a client secret.
struct EventController: Sendable {
    let webhook: EventWebhook
    let metrics: ServiceMetrics

    func addRoutes(to group: RouterGroup<ServiceRequestContext>) {
        group.post("events/{app}", use: receive)
    }

    @Sendable
    private func receive(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        do {
            var request = request
            let body = try await request.collectBody(upTo: RequestLimits.body)
            let reply = try await webhook.receive(
                request.head, body: Array(body.readableBytesView), app: context.parameters.get("app") ?? "")
            metrics.recordEvent(isAccepted: true)
            return try .json(reply)
        } catch let error as ServiceError {
            metrics.recordEvent(isAccepted: false)
            throw error
        }
    }
}
