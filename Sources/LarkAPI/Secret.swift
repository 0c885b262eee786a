/// A text that must never be seen: an app_secret, a token, a ticket.
///
/// It prints, interpolates, dumps and reflects as `‹redacted›`. The text itself has one accessor, named so that
/// every use of it can be found by searching for that name.
public struct Secret: Sendable, Hashable {
    /// The secret in clear.
    ///
    /// Only code that puts it on the wire, seals it, or hands it to the user who asked for it has a reason to read it.
    public let revealedText: String

    /// Wraps a secret.
    public init(_ text: String) {
        revealedText = text
    }

    /// Compares in a time that depends on the lengths alone, so that a comparison cannot be used to guess a secret.
    public static func == (left: Secret, right: Secret) -> Bool {
        let leftBytes = Array(left.revealedText.utf8)
        let rightBytes = Array(right.revealedText.utf8)
        guard leftBytes.count == rightBytes.count else { return false }
        return zip(leftBytes, rightBytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    // `==` compares bytes; the hash has to agree, where String's own would fold canonically equal texts together.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func hash(into hasher: inout Hasher) {
        for byte in revealedText.utf8 { hasher.combine(byte) }
    }
}

extension Secret {
    /// Takes every occurrence out of a text, also one that a combining mark or a joiner makes look like another word.
    func removed(from text: String) -> String {
        guard !revealedText.isEmpty else { return text }
        // By scalars: a String is compared by characters, and a mark behind the secret changes its last one.
        let scalars = text.unicodeScalars.replacing(revealedText.unicodeScalars, with: description.unicodeScalars)
        return String(scalars)
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "‹redacted›" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
