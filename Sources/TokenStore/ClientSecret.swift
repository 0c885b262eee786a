import Crypto
public import FoundationEssentials
public import LarkAPI

/// A client of the auth service without its secrets.
public struct ClientSummary: Sendable {
    /// The name that the operator chose.
    public let name: ClientName
    /// The tenants whose tokens it may have.
    public let tenants: Set<TenantName>
    /// When it was registered.
    public let createdAt: Date
    /// When each of its secrets expires, newest secret first; nil for one that does not.
    public let secretsExpireAt: [Date?]
}

/// What a client's secret allows.
public struct ClientGrant: Sendable, Hashable {
    /// The client that has the secret.
    public let client: ClientName
    /// The tenants whose tokens it may have.
    public let tenants: Set<TenantName>
    /// When the secret expires; nil for one that does not.
    public let expiresAt: Date?

    package init(client: ClientName, tenants: Set<TenantName>, expiresAt: Date? = nil) {
        self.client = client
        self.tenants = tenants
        self.expiresAt = expiresAt
    }
}

/// A secret that authenticates a client of the auth service: `lkc_`, 16 hexadecimal digits that identify it, `_`, and
/// 64 that cannot be guessed.
package struct ClientSecret: Sendable {
    static let idLength = 16
    private static let prefix = "lkc_"

    package let id: String
    let secret: Secret

    /// Creates a random secret.
    init() {
        let bytes = SymmetricKey(size: .init(bitCount: 320)).withUnsafeBytes { Array($0) }
        let digits = Hexadecimal.text(bytes)
        id = String(digits.prefix(Self.idLength))
        secret = Secret("\(Self.prefix)\(id)_\(digits.dropFirst(Self.idLength))")
    }

    /// Parses a secret that a client sent; nil when it does not have the form of one.
    package init?(_ secret: Secret) {
        let text = secret.revealedText
        guard text.utf8.count == 4 + Self.idLength + 1 + 64, text.hasPrefix(Self.prefix) else { return nil }
        id = String(text.dropFirst(Self.prefix.count).prefix(Self.idLength))
        self.secret = secret
    }

    /// SHA-256 of the whole secret, which is long and random: the digest does not reveal it.
    var digest: SHA256Digest { SHA256.hash(data: Array(secret.revealedText.utf8)) }

    /// Compares with a stored digest, in constant time.
    func matches(digest known: [UInt8]) -> Bool { digest == known }
}
