import Crypto
import FoundationEssentials
package import LarkAPI

/// What a client of the auth service proves itself with: `lkc_`, 16 hexadecimal digits that name it, `_`, and 64 that
/// nobody can guess.
package struct ClientSecret: Sendable {
    static let idLength = 16
    private static let prefix = "lkc_"

    package let id: String
    let secret: Secret

    /// A new one.
    init() {
        let bytes = SymmetricKey(size: .init(bitCount: 320)).withUnsafeBytes { Array($0) }
        let digits = Hexadecimal.text(bytes)
        id = String(digits.prefix(Self.idLength))
        secret = Secret("\(Self.prefix)\(id)_\(digits.dropFirst(Self.idLength))")
    }

    /// Reads one that somebody presents.
    ///
    /// - Returns: nil when it does not even look like one.
    package init?(_ secret: Secret) {
        let text = secret.revealedText
        guard text.utf8.count == 4 + Self.idLength + 1 + 64, text.hasPrefix(Self.prefix) else { return nil }
        id = String(text.dropFirst(Self.prefix.count).prefix(Self.idLength))
        self.secret = secret
    }

    /// SHA-256 of the whole: the secret is long and random, so the digest gives nothing away.
    var digest: SHA256Digest { SHA256.hash(data: Array(secret.revealedText.utf8)) }

    /// Whether this is the secret's digest; takes the same time wherever the two differ.
    func isOf(_ known: [UInt8]) -> Bool { digest == known }
}
