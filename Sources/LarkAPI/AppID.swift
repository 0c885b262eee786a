/// The `app_id` of a custom or store app, such as `cli_a1b2c3d4e5f60718`.
public struct AppID: Sendable, Hashable, CustomStringConvertible {
    /// The id as the developer console shows it.
    public let text: String

    /// Takes an id.
    ///
    /// - Throws: ``InvalidValue`` when it is not 1 to 128 characters of `[A-Za-z0-9_-]`.
    public init(_ text: String) throws {
        self.text = try IdentifierSyntax.checked(text, kind: "app_id")
    }

    /// The id itself.
    public var description: String { text }
}
