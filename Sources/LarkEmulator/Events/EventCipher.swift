import Crypto
import CryptoExtras
import FoundationEssentials

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
