/// The `message_id` of a message that carries a resource, such as `om_dc13264520392913993dd051dba21dcf`.
public struct MessageID: Sendable, Hashable, CustomStringConvertible {
    /// The id as the platform gave it.
    public let text: String

    /// Takes an id.
    ///
    /// - Throws: ``InvalidValue`` when it is not 1 to 128 characters of `[A-Za-z0-9_-]`.
    public init(_ text: String) throws {
        self.text = try IdentifierSyntax.checked(text, kind: "message_id")
    }

    /// The id itself.
    public var description: String { text }
}
