/// The name an operator gave to a client of the auth service: a host, a team, a program.
public struct ClientName: Sendable, Hashable, CustomStringConvertible {
    /// The name as it was given.
    public let text: String

    /// Takes a name.
    ///
    /// - Throws: ``InvalidValue`` when it is not 1 to 128 characters of `[A-Za-z0-9_-]`.
    public init(_ text: String) throws {
        self.text = try IdentifierSyntax.checked(text, kind: "client name")
    }

    /// The name itself.
    public var description: String { text }
}
