import Crypto
import CryptoExtras
import FoundationEssentials
import LarkAPI

/// Opens encrypted events: AES-256-CBC under the SHA-256 of the Encrypt Key, the initialization vector in front of the
/// ciphertext, all of it in base64 (document "Configure Encrypt Key").
enum EventCipher {
    /// - Returns: nil for whatever is not such a text.
    static func opened(_ encrypted: String, encryptKey: Secret) -> [UInt8]? {
        guard let bytes = Data(base64Encoded: encrypted), bytes.count >= 32, bytes.count % 16 == 0 else { return nil }
        let key = SymmetricKey(data: SHA256.hash(data: Array(encryptKey.revealedText.utf8)))
        guard let vector = try? AES._CBC.IV(ivBytes: bytes.prefix(16)),
            let plain = try? AES._CBC.decrypt(bytes.dropFirst(16), using: key, iv: vector)
        else {
            // The reason would help a forger.
            return nil
        }
        return Array(plain)
    }
}
