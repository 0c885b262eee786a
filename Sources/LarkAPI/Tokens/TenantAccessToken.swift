public import FoundationEssentials

/// A tenant_access_token and its expiry.
public struct TenantAccessToken: Sendable, Hashable {
    /// The longest token accepted, in bytes: the platform announces JSON web tokens of 4 KB and more (document
    /// "Get tenant_access_token", OAuth v3).
    package static let byteLimit = 8192

    /// The platform returns the same token while this much of its life remains, and a new one after that (document
    /// "Get tenant_access_token").
    package static let renewalWindow = Duration.seconds(30 * 60)

    /// The text of the token.
    public let secret: Secret

    /// When it expires, to the second.
    public let expiresAt: Date

    /// Checks a token.
    ///
    /// - Parameters:
    ///   - text: printable ASCII without spaces, at most 8,192 bytes, so that it is safe in a header.
    ///   - expiresAt: when it expires; fractions of a second are dropped.
    /// - Returns: nil if the text is not in that form.
    public init?(_ text: String, expiresAt: Date) {
        guard (1...Self.byteLimit).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        secret = Secret(text)
        self.expiresAt = Date(timeIntervalSince1970: expiresAt.timeIntervalSince1970.rounded(.down))
    }

    /// The time until it expires; negative afterwards.
    public func remaining(at instant: Date) -> Duration {
        .seconds(expiresAt.timeIntervalSince(instant))
    }
}

/// The app_access_token of a store app. It has the form and lifetime of a tenant_access_token, and the platform is
/// merging the two (document "Access tokens").
public typealias AppAccessToken = TenantAccessToken
