import Crypto
import CryptoExtras
import FoundationEssentials
package import LarkAPI

/// The signature of an event: hexadecimal SHA-256 of timestamp, nonce, Encrypt Key and the received body (document
/// "Receive events", "Verify the signature").
struct EventSignature: Sendable {
    /// How far the timestamp may be from now, in seconds, so that a recorded event cannot be replayed later. The
    /// document names no limit; the platform signs every delivery again.
    private static let window = 300.0

    let timestamp: String
    let nonce: String
    let signature: String

    func isValid(for body: some Sequence<UInt8>, encryptKey: Secret, at now: Date) -> Bool {
        guard (1...12).contains(timestamp.utf8.count),
            timestamp.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let seconds = Double(timestamp), abs(now.timeIntervalSince1970 - seconds) <= Self.window
        else { return false }
        var hash = SHA256()
        hash.update(data: Array((timestamp + nonce + encryptKey.revealedText).utf8))
        hash.update(data: Array(body))
        // Compares in constant time.
        return Secret(Hexadecimal.text(hash.finalize())) == Secret(signature)
    }
}

/// Decrypts events: AES-256-CBC with the SHA-256 of the Encrypt Key as key; the initialization vector comes before the
/// ciphertext, and both are in base64 (document "Configure Encrypt Key").
package enum EventCipher {
    /// A decrypted text. With invalid padding, which forged texts have, it is kept whole.
    struct Plaintext {
        let bytes: [UInt8]
        let isPaddingValid: Bool
    }

    /// Decrypts the `encrypt` member of an event that is in a file.
    ///
    /// - Returns: nil if the key is not that of the event.
    package static func text(of encrypted: String, encryptKey: Secret) -> [UInt8]? {
        decrypted(encrypted, encryptKey: encryptKey).flatMap { $0.isPaddingValid ? $0.bytes : nil }
    }

    /// Decrypts a text. It takes the same time whether the padding (PKCS #7) is valid or not, so that the service
    /// cannot be used to decrypt a recorded event byte by byte.
    ///
    /// - Returns: nil if the length is wrong or the text is not base64.
    static func decrypted(_ encrypted: String, encryptKey: Secret) -> Plaintext? {
        guard let bytes = Data(base64Encoded: encrypted), bytes.count >= 32, bytes.count % 16 == 0 else { return nil }
        let key = SymmetricKey(data: SHA256.hash(data: Array(encryptKey.revealedText.utf8)))
        guard let vector = try? AES._CBC.IV(ivBytes: bytes.prefix(16)),
            let plain = try? AES._CBC.decrypt(bytes.dropFirst(16), using: key, iv: vector, noPadding: true),
            let last = plain.last
        else { return nil }
        let length = min(max(Int(last), 1), 16)
        let isPaddingValid = length == Int(last) && plain.suffix(length).reduce(0) { $0 | ($1 ^ last) } == 0
        return Plaintext(bytes: Array(plain.dropLast(isPaddingValid ? length : 0)), isPaddingValid: isPaddingValid)
    }
}
