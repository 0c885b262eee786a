/// The `tenant_key` of a tenant that installed a store app, such as `73658811060f175d`.
///
/// It comes with the event `app_open` and with every other event of the tenant (document "Store apps obtain
/// tenant_access_token").
public struct TenantKey: Sendable, Hashable, CustomStringConvertible {
    /// The key as the platform gave it.
    public let text: String

    /// Takes a key.
    ///
    /// - Throws: ``InvalidValue`` when it is not 1 to 128 characters of `[A-Za-z0-9_-]`.
    public init(_ text: String) throws {
        self.text = try IdentifierSyntax.checked(text, kind: "tenant_key")
    }

    /// The key itself.
    public var description: String { text }
}
