import AuthServiceClient
import FoundationEssentials
import HTTPTypes
import LarkAPI
import Synchronization
import TokenStore

/// Takes what the platform pushes to a store app's event address.
///
/// The signature is checked on the bytes as they came before anything is decrypted; whatever is wrong is answered in one
/// and the same way. Only the challenge that verifies an address comes unsigned (document "Receive events").
final class EventWebhook: Sendable {
    private struct App {
        let appID: AppID
        let settings: EventSettings
    }

    private struct Memory {
        var apps: [AppName: App] = [:]
        var since: Date?
        var isBeingRead = false
    }

    private struct Sealed: Decodable {
        let encrypt: String
    }

    private struct Challenge: Encodable {
        let challenge: String
    }

    private static let span = 1.0

    private let store: Store
    private let takesUnsigned: Bool
    private let timing: Clocks
    private let memory = Mutex(Memory())

    init(store: Store, takesUnsigned: Bool, timing: Clocks) {
        self.store = store
        self.takesUnsigned = takesUnsigned
        self.timing = timing
    }

    /// Acts on one request.
    ///
    /// - Throws: ``ServiceError`` `eventRefused`; what the store throws, so that the platform sends it again.
    func take(_ request: HTTPRequest, body: [UInt8], name: String) async throws -> ServiceResponse {
        let now = timing.now()
        guard let name = try? AppName(name), let app = try await apps(at: now)[name],
            let envelope = envelope(request, body: body, app: app, at: now),
            app.settings.verificationToken.map({ $0 == Secret(envelope.verificationToken ?? "") }) ?? takesUnsigned
        else { throw ServiceError.eventRefused }
        if let challenge = envelope.challengeToAnswer { return try .json(Challenge(challenge: challenge)) }
        guard let id = envelope.id, envelope.appID == app.appID.text else { throw ServiceError.eventRefused }
        _ = try await store.receive(envelope.content(at: now), id: id, of: name)
        return try .json(["msg": "success"])
    }

    /// The event in a body, if it was signed and encrypted as the app's settings demand.
    private func envelope(_ request: HTTPRequest, body: [UInt8], app: App, at now: Date) -> EventEnvelope? {
        guard let encryptKey = app.settings.encryptKey else { return takesUnsigned ? decoded(body) : nil }
        let signature = signature(of: request)
        if let signature, !signature.isValid(for: body, encryptKey: encryptKey, at: now) { return nil }
        // Failing is expected of what anybody may send.
        guard let sealed = try? ServiceJSON.decode(Sealed.self, from: body),
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

    /// The apps and their settings, read once a second at most, however many requests come: while one reads them, the
    /// others go by what was read before.
    private func apps(at now: Date) async throws -> [AppName: App] {
        let (known, isOurTurn) = memory.withLock { memory in
            let isRecent = memory.since.map { (0..<Self.span).contains(now.timeIntervalSince($0)) } ?? false
            let isOurTurn = !isRecent && (!memory.isBeingRead || memory.since == nil)
            if isOurTurn { memory.isBeingRead = true }
            return (memory.apps, isOurTurn)
        }
        guard isOurTurn else { return known }
        defer { memory.withLock { $0.isBeingRead = false } }
        let apps = try await store.eventSettings().mapValues { App(appID: $0.appID, settings: $0.settings) }
        memory.withLock { memory in
            memory.apps = apps
            memory.since = timing.now()
        }
        return apps
    }
}
