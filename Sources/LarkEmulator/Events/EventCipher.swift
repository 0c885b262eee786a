import AsyncHTTPClient
import Crypto
import CryptoExtras
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Encryption and signature of events ("Configure Encrypt Key"): AES-256-CBC under the SHA-256 of the Encrypt Key,
/// the random IV in front, all of it in base64.
enum EventCipher {
    static func encrypt(_ text: String, encryptKey: String, iv: [UInt8]) throws -> String {
        let sealed = try AES._CBC.encrypt(
            Data(text.utf8),
            using: key(encryptKey),
            iv: AES._CBC.IV(ivBytes: iv)
        )
        return (Data(iv) + sealed).base64EncodedString()
    }

    /// The decrypted text of an `encrypt` member; nil if it is not base64 of at least an IV.
    static func decrypt(_ encrypted: String, encryptKey: String) throws -> String? {
        guard let data = Data(base64Encoded: encrypted), data.count > 16 else { return nil }
        let opened = try AES._CBC.decrypt(
            data.dropFirst(16),
            using: key(encryptKey),
            iv: AES._CBC.IV(ivBytes: Array(data.prefix(16)))
        )
        return String(decoding: opened, as: UTF8.self)
    }

    /// The value of `X-Lark-Signature` for the body as sent.
    static func signature(timestamp: String, nonce: String, encryptKey: String, body: String) -> String {
        let digest = SHA256.hash(data: Data((timestamp + nonce + encryptKey + body).utf8))
        return
            digest.map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }
            .joined()
    }

    private static func key(_ encryptKey: String) -> SymmetricKey {
        SymmetricKey(data: SHA256.hash(data: Data(encryptKey.utf8)))
    }
}

extension HTTPClientRequest {
    /// The request that delivers an event, encrypted and signed if the app has an Encrypt Key.
    init(event body: String, to url: String, app: EmulatedApp, at now: Date) throws {
        self.init(url: url)
        method = .POST
        headers.add(name: "Content-Type", value: "application/json;charset=utf-8")
        guard !app.encryptKey.isEmpty else {
            self.body = .bytes(ByteBuffer(string: body))
            return
        }
        let iv = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        let sealed: JSONValue = ["encrypt": .text(try EventCipher.encrypt(body, encryptKey: app.encryptKey, iv: iv))]
        let sent = JSONValue.serialize(sealed)
        let timestamp = String(Int(now.timeIntervalSince1970))
        let nonce = Identifiers.hex(digits: 10)
        let signature = EventCipher.signature(
            timestamp: timestamp,
            nonce: nonce,
            encryptKey: app.encryptKey,
            body: sent
        )
        headers.add(name: "X-Lark-Request-Timestamp", value: timestamp)
        headers.add(name: "X-Lark-Request-Nonce", value: nonce)
        headers.add(name: "X-Lark-Signature", value: signature)
        self.body = .bytes(ByteBuffer(string: sent))
    }
}
