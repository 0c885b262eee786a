/// The name an operator gave to a store app: what `--app` takes, and the last part of the app's event address.
public struct AppName: Sendable, Hashable, CustomStringConvertible {
    /// The name as it was given.
    public let text: String

    /// Takes a name.
    ///
    /// - Throws: ``InvalidValue`` when it is not 1 to 128 characters of `[A-Za-z0-9_-]`.
    public init(_ text: String) throws {
        self.text = try IdentifierSyntax.checked(text, kind: "app name")
    }

    /// The name itself.
    public var description: String { text }
}
