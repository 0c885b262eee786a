public import FoundationEssentials

/// A tenant_access_token and the instant it dies. It never prints itself.
public struct TenantAccessToken: Sendable, Hashable {
    /// The longest token accepted, in bytes: the platform announces JSON web tokens of 4 KB and more (document
    /// "Get tenant_access_token", OAuth v3).
    package static let byteLimit = 8192

    /// The platform returns the same token while this much of its life remains, and a new one after that (document
    /// "Get tenant_access_token").
    package static let renewalWindow = Duration.seconds(30 * 60)

    /// The token in its wrapper.
    public let secret: Secret

    /// The end of its life, to the second.
    public let expiresAt: Date

    /// Takes a token as the platform or a store gave it.
    ///
    /// - Parameters:
    ///   - text: opaque printable ASCII without spaces, at most 8,192 bytes; anything else could break a header.
    ///   - expiresAt: the end of its life; fractions of a second are dropped.
    /// - Returns: nil when the text does not have that form.
    public init?(_ text: String, expiresAt: Date) {
        guard (1...Self.byteLimit).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        secret = Secret(text)
        self.expiresAt = Date(timeIntervalSince1970: expiresAt.timeIntervalSince1970.rounded(.down))
    }

    /// How long it still lives: negative when it is dead.
    public func remaining(at instant: Date) -> Duration {
        .seconds(expiresAt.timeIntervalSince(instant))
    }
}

/// The app_access_token of a store app: it has the form and the life of a tenant_access_token, and the platform is
/// merging the two (document "Access tokens").
public typealias AppAccessToken = TenantAccessToken
