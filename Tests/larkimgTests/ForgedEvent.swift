import Crypto
import CryptoExtras
import FoundationEssentials

/// A request as the platform posts an event, or as somebody else would.
struct EventPost: Sendable {
    var body: [UInt8]
    /// The headers; one that is nil is left out.
    var timestamp: String?
    var nonce: String?
    var signature: String?
    var app = "shop"

    /// Signs a body.
    init(_ body: [UInt8], timestamp: String = "\(EventPost.now)", key: String = CLIHarness.encryptKey) {
        self.body = body
        self.timestamp = timestamp
        nonce = "5d41402abc"
        signature = Self.signature(body, timestamp: timestamp, nonce: "5d41402abc", key: key)
    }

    /// Seals a text and signs it.
    init(sealing text: String) throws {
        self.init(Self.envelope(try Self.sealed(Array(text.utf8))))
    }

    static var now: Int { Int(Date().timeIntervalSince1970) }

    func request(host: String) -> RawRequest {
        var request = RawRequest(target: "/events/\(app)", host: host, body: body)
        request.contentType = "application/json;charset=utf-8"
        request.fields = [
            timestamp.map { "X-Lark-Request-Timestamp: \($0)" }, nonce.map { "X-Lark-Request-Nonce: \($0)" },
            signature.map { "X-Lark-Signature: \($0)" },
        ]
        .compactMap(\.self)
        return request
    }

    var unsigned: EventPost {
        var post = self
        (post.timestamp, post.nonce, post.signature) = (nil, nil, nil)
        return post
    }

    /// An app_ticket event before encryption.
    static func ticket(
        _ ticket: String = "\"forged\"", age: Int = 0, token: String = "\"\(CLIHarness.verificationToken)\"",
        app: String = CLIHarness.shop
    ) -> String {
        """
        {"ts":"\(now - age).5","uuid":"\(UInt64.random(in: 0 ... .max))","token":\(token),"type":"event_callback",\
        "event":{"app_id":"\(app)","app_ticket":\(ticket),"type":"app_ticket"}}
        """
    }

    static func challenge(_ challenge: String = "word", token: String = CLIHarness.verificationToken) -> String {
        #"{"challenge":"\#(challenge)","token":"\#(token)","type":"url_verification"}"#
    }

    static func envelope(_ sealed: String) -> [UInt8] { Array(#"{"encrypt":"\#(sealed)"}"#.utf8) }

    /// AES-256-CBC under the SHA-256 of the Encrypt Key, the IV in front, in base64.
    static func sealed(
        _ bytes: [UInt8], key: String = CLIHarness.encryptKey, isPadded: Bool = false
    ) throws -> String {
        let vector = (0..<16).map { _ in UInt8.random(in: 0...255) }
        let sealed = try AES._CBC.encrypt(
            bytes, using: SymmetricKey(data: SHA256.hash(data: Array(key.utf8))), iv: AES._CBC.IV(ivBytes: vector),
            noPadding: isPadded)
        return (Data(vector) + sealed).base64EncodedString()
    }

    private static func signature(_ body: [UInt8], timestamp: String, nonce: String, key: String) -> String {
        SHA256.hash(data: Array((timestamp + nonce + key).utf8) + body)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// A way to forge an event.
struct ForgedEvent: Sendable {
    let name: String
    let make: @Sendable () throws -> EventPost

    /// All of them.
    static var all: [ForgedEvent] { bits + headers + tokens + bodies + sealings + apps }

    private static func good() throws -> EventPost { try EventPost(sealing: EventPost.ticket()) }

    private static func changed(_ change: (inout EventPost) throws -> Void) throws -> EventPost {
        var post = try good()
        try change(&post)
        return post
    }

    /// One bit that is another one, the text still one that a header can carry.
    private static func flipped(_ text: String?) -> String? {
        var bytes = Array((text ?? "").utf8)
        bytes[.random(in: bytes.indices)] ^= 1
        return String(decoding: bytes, as: UTF8.self)
    }

    private static var bits: [ForgedEvent] {
        (0..<10)
            .flatMap { round in
                [
                    ForgedEvent(name: "a bit of the body \(round)") {
                        try changed { $0.body[.random(in: $0.body.indices)] ^= 1 << UInt8.random(in: 0...7) }
                    },
                    ForgedEvent(name: "a bit of the timestamp") {
                        try changed { $0.timestamp = flipped($0.timestamp) }
                    },
                    ForgedEvent(name: "a bit of the nonce") { try changed { $0.nonce = flipped($0.nonce) } },
                    ForgedEvent(name: "a bit of the signature") {
                        try changed { $0.signature = flipped($0.signature) }
                    },
                ]
            }
    }

    private static var headers: [ForgedEvent] {
        let now = EventPost.now
        let timestamps = [
            "\(now - 360)", "\(now - 28_800)", "\(now + 360)", "\(now * 1000)", "", String(repeating: "9", count: 30),
            "1e9", "-\(now)", "now",
        ]
        return timestamps.map { text in
            ForgedEvent(name: "the timestamp \(text)") {
                EventPost(EventPost.envelope(try EventPost.sealed(Array(EventPost.ticket().utf8))), timestamp: text)
            }
        } + [
            ForgedEvent(name: "no timestamp") { try changed { $0.timestamp = nil } },
            ForgedEvent(name: "no nonce") { try changed { $0.nonce = nil } },
            ForgedEvent(name: "no signature") { try changed { $0.signature = nil } },
            ForgedEvent(name: "no header") { try good().unsigned },
            ForgedEvent(name: "no header and bad padding") { try badPadding().unsigned },
            ForgedEvent(name: "an empty signature") { try changed { $0.signature = "" } },
            ForgedEvent(name: "a signature in upper case") {
                try changed { $0.signature = $0.signature?.uppercased() }
            },
            ForgedEvent(name: "a signature of 63 digits") { try changed { $0.signature?.removeLast() } },
            ForgedEvent(name: "a signature of 65 digits") { try changed { $0.signature?.append("0") } },
            ForgedEvent(name: "a signature with another key") { EventPost(try good().body, key: "another") },
            ForgedEvent(name: "a signature of the same JSON, written another way") {
                let spaced = String(decoding: try good().body, as: UTF8.self).replacing(":", with: ": ")
                return try changed { $0.signature = EventPost(Array(spaced.utf8)).signature }
            },
            ForgedEvent(name: "a signature of the text before encryption") {
                try changed { $0.signature = EventPost(Array(EventPost.ticket().utf8)).signature }
            },
        ]
    }

    private static var tokens: [ForgedEvent] {
        let wrong = ["\"another\"", "null", "\"\"", "1"]
            .map { token in
                ForgedEvent(name: "the token \(token)") { try EventPost(sealing: EventPost.ticket(token: token)) }
            }
        return wrong + [
            ForgedEvent(name: "two tokens, the first of them wrong") {
                let both = "\"another\",\"token\":\"\(CLIHarness.verificationToken)\""
                return try EventPost(sealing: EventPost.ticket(token: both))
            },
            ForgedEvent(name: "two encrypted texts, the first of them wrong") {
                let right = try EventPost.sealed(Array(EventPost.ticket().utf8))
                return EventPost(Array(#"{"encrypt":"AAAA","encrypt":"\#(right)"}"#.utf8))
            },
            ForgedEvent(name: "a challenge with another token") {
                try EventPost(sealing: EventPost.challenge(token: "another"))
            },
            ForgedEvent(name: "an unsigned challenge with another token") {
                try EventPost(sealing: EventPost.challenge(token: "another")).unsigned
            },
            ForgedEvent(name: "an unsigned challenge without a token") {
                try EventPost(sealing: #"{"challenge":"word","type":"url_verification"}"#).unsigned
            },
            ForgedEvent(name: "a plain challenge") { EventPost(Array(EventPost.challenge().utf8)).unsigned },
        ]
    }

    private static var bodies: [ForgedEvent] {
        let deep = 10_000
        let texts = [
            "", "hello", "[]", EventPost.ticket(), #"{"encrypt":"\ud800"}"#, #"{"encrypt":1}"#, #"{"encrypt":null}"#,
            #"{"encrypt":""}"#, #"{"encrypt":"*** no base64 ***"}"#,
            #"{"encrypt":"# + String(repeating: "[", count: deep) + String(repeating: "]", count: deep) + "}",
        ]
        return texts.map { text in
            ForgedEvent(name: "the body \(text.prefix(30))") { EventPost(Array(text.utf8)) }
        } + [ForgedEvent(name: "a body that is cut") { EventPost(try good().body.dropLast()) }]
    }

    private static func badPadding() throws -> EventPost {
        var text = Array(EventPost.ticket().utf8)
        text += Array(repeating: 0, count: 15 - text.count % 16) + [[0, 0x11, 0xFF, 2].randomElement() ?? 0]
        return EventPost(EventPost.envelope(try EventPost.sealed(text, isPadded: true)))
    }

    private static var sealings: [ForgedEvent] {
        let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
        let texts = [
            "hello world", "", "[]", String(EventPost.ticket().dropLast(2)), deep, EventPost.ticket(#""\ud800""#),
            EventPost.ticket(app: "cli_other"), EventPost.ticket("1"),
        ]
        return texts.map { text in
            ForgedEvent(name: "inside: \(text.prefix(120))") { try EventPost(sealing: text) }
        }
            + [15, 16, 41]
            .map { count in
                ForgedEvent(name: "\(count) bytes in place of whole blocks") {
                    EventPost(EventPost.envelope(Data(repeating: 7, count: count).base64EncodedString()))
                }
            }
            + [
                ForgedEvent(name: "bad padding") { try badPadding() },
                ForgedEvent(name: "another Encrypt Key") {
                    EventPost(EventPost.envelope(try EventPost.sealed(Array(EventPost.ticket().utf8), key: "another")))
                },
                ForgedEvent(name: "inside: not UTF-8") {
                    let parts = EventPost.ticket().split(separator: "forged")
                    let bytes = Array(parts[0].utf8) + [0xFF, 0xFE] + Array(parts[1].utf8)
                    return EventPost(EventPost.envelope(try EventPost.sealed(bytes)))
                },
            ]
    }

    private static var apps: [ForgedEvent] {
        ["other", "sho", "SHOP", "shop%00", "%2a", String(repeating: "x", count: 100)]
            .map { app in ForgedEvent(name: "the app \(app.prefix(10))") { try changed { $0.app = app } } }
    }
}
