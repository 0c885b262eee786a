/// The `image_key` or `file_key` of something the platform stores.
///
/// Opaque to us. Keys seen are 40 to 51 characters of `[A-Za-z0-9_-]`; up to 128 are accepted, so that a key can be
/// put in a path and used as a file name as it is.
public struct ResourceKey: Sendable, Hashable, CustomStringConvertible {
    /// The key as the platform gave it.
    public let text: String

    /// Takes a key.
    ///
    /// - Throws: ``InvalidValue`` when it is not 1 to 128 characters of `[A-Za-z0-9_-]`.
    public init(_ text: String) throws {
        self.text = try IdentifierSyntax.checked(text, kind: "image_key")
    }

    /// The key itself.
    public var description: String { text }
}
