import AuthServiceClient
import FoundationEssentials
import HTTPTypes
import LarkAPI
import Synchronization
import TokenStore

/// Receives what the platform pushes to a store app's event address.
///
/// The signature is checked on the received bytes before anything is decrypted; the response is the same whatever is
/// wrong. Only the challenge that verifies an address comes unsigned (document "Receive events").
final class EventWebhook: Sendable {
    private struct App {
        let appID: AppID
        let settings: EventSettings
    }

    private struct CachedApps {
        var apps: [AppName: App] = [:]
        var readAt: Date?
        var isBeingRead = false
    }

    private struct EncryptedBody: Decodable {
        let encrypt: String
    }

    /// The body of the response: the challenge sent back, or that an event was received.
    struct Reply: Encodable {
        var challenge: String?
        var msg: String?
    }

    /// Seconds for which the apps' settings are kept.
    private static let timeToLive = 1.0

    private let store: Store
    private let acceptsUnsigned: Bool
    private let timing: Clocks
    private let cache = Mutex(CachedApps())

    init(store: Store, acceptsUnsigned: Bool, timing: Clocks) {
        self.store = store
        self.acceptsUnsigned = acceptsUnsigned
        self.timing = timing
    }

    /// Handles one request.
    ///
    /// - Throws: ``ServiceError/eventRefused``; what the store throws, so that the platform sends the event again.
    func receive(_ request: HTTPRequest, body: [UInt8], app name: String) async throws -> Reply {
        let now = timing.now()
        guard let name = try? AppName(name), let app = try await apps(at: now)[name],
            let envelope = envelope(request, body: body, app: app, at: now),
            app.settings.verificationToken.map({ $0 == Secret(envelope.verificationToken ?? "") }) ?? acceptsUnsigned
        else { throw ServiceError.eventRefused }
        if let challenge = envelope.challengeToAnswer { return Reply(challenge: challenge) }
        guard let id = envelope.id, envelope.appID == app.appID.text else { throw ServiceError.eventRefused }
        _ = try await store.receive(envelope.content(at: now), id: id, of: name)
        return Reply(msg: "success")
    }

    /// The event in a body, if it is signed and encrypted as the app's settings require.
    private func envelope(_ request: HTTPRequest, body: [UInt8], app: App, at now: Date) -> EventEnvelope? {
        guard let encryptKey = app.settings.encryptKey else { return acceptsUnsigned ? decoded(body) : nil }
        let signature = signature(of: request)
        if let signature, !signature.isValid(for: body, encryptKey: encryptKey, at: now) { return nil }
        // Anybody may send anything here: a failure is no news.
        guard let sealed = try? ServiceJSON.decode(EncryptedBody.self, from: body),
            let plain = EventCipher.opened(sealed.encrypt, encryptKey: encryptKey), let envelope = decoded(plain)
        else { return nil }
        return signature != nil || envelope.challengeToAnswer != nil ? envelope : nil
    }

    private func decoded(_ bytes: [UInt8]) -> EventEnvelope? {
        try? ServiceJSON.decode(EventEnvelope.self, from: bytes)
    }

    /// Nil where the request does not claim to be signed.
    private func signature(of request: HTTPRequest) -> EventSignature? {
        let fields = request.headerFields
        guard let signature = fields[.larkSignature] else { return nil }
        return EventSignature(
            timestamp: fields[.larkTimestamp] ?? "", nonce: fields[.larkNonce] ?? "", signature: signature)
    }

    /// The apps and their settings, read at most once a second however many requests come: while one request reads them,
    /// the others use what was read before.
    private func apps(at now: Date) async throws -> [AppName: App] {
        let (known, mustRead) = cache.withLock { cache in
            let isRecent = cache.readAt.map { (0..<Self.timeToLive).contains(now.timeIntervalSince($0)) } ?? false
            let mustRead = !isRecent && (!cache.isBeingRead || cache.readAt == nil)
            if mustRead { cache.isBeingRead = true }
            return (cache.apps, mustRead)
        }
        guard mustRead else { return known }
        defer { cache.withLock { $0.isBeingRead = false } }
        let apps = try await store.eventSettings().mapValues { App(appID: $0.appID, settings: $0.settings) }
        cache.withLock { cache in
            cache.apps = apps
            cache.readAt = timing.now()
        }
        return apps
    }
}
