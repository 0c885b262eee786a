import AuthServiceClient
import Crypto
import CryptoExtras
import FoundationEssentials
import HTTPTypes
import LarkAPI
import NIOCore
import TestSupport
import Testing
import TokenStore

@testable import AuthService

@Suite("Events that the platform pushes")
struct EventWebhookTests {
    private static let key = "canary-encrypt-key"
    private static let token = "canary-verification-token"

    /// An app's address with what it takes to post to it.
    private struct Address: Sendable {
        let webhook: EventWebhook
        let fixture: ServiceFixture
        let name: AppName

        func ticket(_ text: String = "ticket-1", id: String = "e1", token: String = EventWebhookTests.token) -> String {
            let ts = fixture.clock.now.timeIntervalSince1970
            return """
                {"ts":"\(ts)","uuid":"\(id)","token":"\(token)","type":"event_callback",\
                "event":{"app_id":"cli_s","app_ticket":"\(text)","type":"app_ticket"}}
                """
        }

        func encrypted(_ plain: String, key: String = EventWebhookTests.key) throws -> String {
            let vector = [UInt8](0..<16)
            let sealed = try AES._CBC.encrypt(
                Array(plain.utf8), using: SymmetricKey(data: SHA256.hash(data: Array(key.utf8))),
                iv: AES._CBC.IV(ivBytes: vector))
            return #"{"encrypt":"\#((Data(vector) + sealed).base64EncodedString())"}"#
        }

        func signature(_ body: String, timestamp: String, nonce: String = "n", key: String = EventWebhookTests.key)
            -> String
        {
            SHA256.hash(data: Array((timestamp + nonce + key + body).utf8))
                .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }

        var timestamp: String { "\(Int(fixture.clock.now.timeIntervalSince1970))" }

        /// Posts a body with a right signature, unless a test gives its own.
        func post(
            _ body: String, timestamp: String? = nil, signature: String?? = .none, name: String? = nil
        ) async throws -> String {
            let timestamp = timestamp ?? self.timestamp
            var request = HTTPRequest(method: .post, scheme: "http", authority: "x", path: "/events/shop")
            request.headerFields[.larkTimestamp] = timestamp
            request.headerFields[.larkNonce] = "n"
            request.headerFields[.larkSignature] =
                signature ?? self.signature(body, timestamp: timestamp)
            let reply = try await webhook.receive(request, body: Array(body.utf8), app: name ?? self.name.text)
            return String(decoding: try ServiceJSON.encode(reply), as: UTF8.self)
        }

        func isRefused(
            _ body: String, timestamp: String? = nil, signature: String?? = .none, name: String? = nil
        ) async throws {
            let error = await #expect(throws: ServiceError.self) {
                try await post(body, timestamp: timestamp, signature: signature, name: name)
            }
            #expect(error?.type == "event_refused")
            #expect(try await fixture.store.app(self.name).ticketMadeAt == nil)
        }
    }

    private func withAddress(
        settings: EventSettings = EventSettings(verificationToken: Secret(token), encryptKey: Secret(key)),
        acceptsUnsigned: Bool = false, _ body: (Address) async throws -> Void
    ) async throws {
        try await withServiceFixture { fixture in
            let name = try AppName("shop")
            try await fixture.store.addApp(
                name, AppCredentials(appID: try AppID("cli_s"), appSecret: Secret("s"), host: .lark),
                settings: settings)
            let webhook = EventWebhook(
                store: fixture.store, acceptsUnsigned: acceptsUnsigned, audit: fixture.audit.log,
                timing: fixture.clock.timing)
            try await body(Address(webhook: webhook, fixture: fixture, name: name))
        }
    }

    @Test("The document's own text opens, and its signature is ours")
    func vectors() throws {
        let decrypted = EventCipher.decrypted(
            "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=", encryptKey: Secret("test key"))
        #expect(decrypted?.isPaddingValid == true)
        #expect(decrypted.map { String(decoding: $0.bytes, as: UTF8.self) } == "hello world")
    }

    @Test("A forged event is refused, whatever is wrong with it")
    func forged() async throws {
        try await withAddress { address in
            let good = try address.encrypted(address.ticket())
            let now = address.fixture.clock.now.timeIntervalSince1970
            let right = address.signature(good, timestamp: address.timestamp)
            try await address.isRefused(good, signature: .some(nil))
            try await address.isRefused(good, signature: "")
            try await address.isRefused(good, signature: right.uppercased())
            try await address.isRefused(good, signature: String(right.dropLast()))
            try await address.isRefused(
                good, signature: address.signature(good, timestamp: address.timestamp, key: "another"))
            // Signed rightly, of another time.
            for shift in [-301.0, 301, -86_400] { try await address.isRefused(good, timestamp: "\(Int(now + shift))") }
            for odd in ["", "1e9", "\(Int(now * 1000))", String(repeating: "9", count: 30), "-1", " \(Int(now))"] {
                try await address.isRefused(good, timestamp: odd)
            }
            // Signed rightly, and yet not an event of this app.
            try await address.isRefused(address.ticket())
            try await address.isRefused(address.encrypted(address.ticket(token: "wrong")))
            try await address.isRefused(address.encrypted(address.ticket(token: "")))
            try await address.isRefused(address.encrypted(address.ticket(), key: "another"))
            try await address.isRefused(
                address.encrypted(address.ticket().replacing("cli_s", with: "cli_other")))
            try await address.isRefused(address.encrypted(address.ticket(id: "")))
            try await address.isRefused(good, name: "nobody")
            try await address.isRefused(good, name: "../shop")
            for odd in [
                #"{"encrypt":""}"#, #"{"encrypt":"AAAA"}"#, #"{"encrypt":5}"#, "[]", "", "null",
                #"{"encrypt":"\#(Data(repeating: 0, count: 48).base64EncodedString())"}"#,
                String(repeating: "[", count: 20_000), "{\"encrypt\":\"\\ud800\"}",
            ] { try await address.isRefused(odd) }
        }
    }

    @Test("A ticket is kept, once however often it comes, and an older one does not take its place")
    func ticket() async throws {
        try await withAddress { address in
            let first = try address.encrypted(address.ticket("ticket-1"))
            address.fixture.clock.advance(5)
            let second = try address.encrypted(address.ticket("ticket-2", id: "e2"))
            for body in [second, second, first] {
                #expect(try await address.post(body) == #"{"msg":"success"}"#)
            }
            let madeAt = try await address.fixture.store.app(address.name).ticketMadeAt
            #expect(madeAt == address.fixture.clock.now)
            #expect(address.fixture.audit.all.count == 1)
            #expect(
                address.fixture.audit.all[0].contains(#""app":"shop","at":"2026-01-01T00:00:05Z","audit":"event""#))
        }
    }

    @Test("The challenge is answered unsigned, as JSON, where key and token are right")
    func challenge() async throws {
        try await withAddress { address in
            let text = #"{"challenge":"a\"b\\c","token":"\#(Self.token)","type":"url_verification"}"#
            #expect(
                try await address.post(address.encrypted(text), signature: .some(nil)) == #"{"challenge":"a\"b\\c"}"#)
            let wrong = text.replacing(Self.token, with: "wrong")
            try await address.isRefused(address.encrypted(wrong), signature: .some(nil))
            try await address.isRefused(text, signature: .some(nil))
            // One that carries an event too is neither.
            let both = address.ticket().replacing("event_callback", with: "url_verification")
            try await address.isRefused(address.encrypted(both), signature: .some(nil))
        }
    }

    @Test(
        "An app_ticket event without a valid app_ticket is recognised, for a line in the log",
        arguments: [
            (#""app_ticket":"t-1","#, false), ("", true), (#""app_ticket":"","#, true), (#""app_ticket":"a b","#, true),
        ])
    func missingTicket(_ member: String, _ lacksTicket: Bool) throws {
        let text = #"{"uuid":"e1","type":"event_callback","event":{\#(member)"type":"app_ticket"}}"#
        let envelope = try ServiceJSON.decode(EventEnvelope.self, from: text.utf8)
        #expect(envelope.lacksTicket == lacksTicket)
        let other = try ServiceJSON.decode(
            EventEnvelope.self, from: text.replacing("\"app_ticket\"}", with: "\"app_open\"}").utf8)
        #expect(!other.lacksTicket)
    }

    @Test("Invalid padding is no different from a text that is not JSON, and changes nothing")
    func padding() throws {
        let key = Secret(Self.key)
        for last: UInt8 in [0, 2, 17, 255] {
            // One block whose padding is invalid.
            let block = Array(repeating: UInt8(ascii: "x"), count: 15) + [last]
            let vector = [UInt8](0..<16)
            let sealed = try AES._CBC.encrypt(
                block, using: SymmetricKey(data: SHA256.hash(data: Array(Self.key.utf8))),
                iv: AES._CBC.IV(ivBytes: vector), noPadding: true)
            let plain = EventCipher.decrypted((Data(vector) + sealed).base64EncodedString(), encryptKey: key)
            #expect(plain?.isPaddingValid == false)
            #expect(plain?.bytes == block)
        }
    }

    @Test("Of the requests without a signature, ten a minute are decrypted for each app")
    func unsignedRequests() async throws {
        try await withAddress { address in
            let text = #"{"challenge":"word","token":"\#(Self.token)","type":"url_verification"}"#
            let body = try address.encrypted(text)
            for _ in 1...10 { #expect(try await address.post(body, signature: .some(nil)) == #"{"challenge":"word"}"#) }
            try await address.isRefused(body, signature: .some(nil))
            #expect(try await address.post(body) == #"{"challenge":"word"}"#)
            address.fixture.clock.advance(60)
            #expect(try await address.post(body, signature: .some(nil)) == #"{"challenge":"word"}"#)
        }
    }

    @Test("Installations are recorded, in both forms of events")
    func installations() async throws {
        try await withAddress { address in
            let opened = """
                {"ts":"1","uuid":"a","token":"\(Self.token)","type":"event_callback",\
                "event":{"app_id":"cli_s","tenant_key":"k1","type":"app_open"}}
                """
            let gone = """
                {"schema":"2.0","header":{"event_id":"b","token":"\(Self.token)","create_time":"5000",\
                "event_type":"app_uninstalled","app_id":"cli_s"},"event":{"tenant_key":"k2"}}
                """
            let odd = opened.replacing("\"a\"", with: "\"c\"").replacing("k1", with: "../k")
            let other = opened.replacing("\"a\"", with: "\"d\"").replacing("app_open", with: "ticket.created_v1")
                .replacing("\"k1\"", with: "5")
            for body in [opened, gone, odd, other] { _ = try await address.post(address.encrypted(body)) }
            let found = try await address.fixture.store.app(address.name).installations
            #expect(found.map(\.tenantKey.text) == ["k1", "k2"])
            #expect(found.map(\.state) == [.enabled, .uninstalled])
        }
    }

    @Test("Without an Encrypt Key events are taken only where that was asked for, and by their token alone")
    func unsigned() async throws {
        let settings = EventSettings(verificationToken: Secret(Self.token))
        try await withAddress(settings: settings) { address in
            try await address.isRefused(address.ticket())
        }
        try await withAddress(settings: settings, acceptsUnsigned: true) { address in
            try await address.isRefused(address.ticket(token: "wrong"))
            #expect(try await address.post(address.ticket(), signature: .some(nil)) == #"{"msg":"success"}"#)
        }
    }
}
