import Crypto
import FoundationEssentials
import LarkAPI

/// The signature of an event: hexadecimal SHA-256 of timestamp, nonce, Encrypt Key and the body as it came (document
/// "Receive events", "Verify the signature").
struct EventSignature: Sendable {
    /// How far the timestamp may be from now, in seconds: a recorded event cannot be replayed later.
    /// The document names no limit; the platform signs every delivery again.
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
        // A secret's == takes the same time wherever the two differ.
        return Secret(Hexadecimal.text(hash.finalize())) == Secret(signature)
    }
}
