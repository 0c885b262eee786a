/// A text that must never be shown: an app_secret, a token, a ticket.
///
/// It prints, interpolates, dumps and reflects as `‹redacted›`. The text has one accessor, with a name that can be
/// searched for.
public struct Secret: Sendable, Hashable {
    /// The secret in clear, for code that sends it, seals it, or prints it for the user who asked for it.
    public let revealedText: String

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public init(_ text: String) {
        revealedText = text
    }

    /// Compares in constant time for texts of equal length, so that timing does not help to guess a secret.
    public static func == (left: Secret, right: Secret) -> Bool {
        let leftBytes = Array(left.revealedText.utf8)
        let rightBytes = Array(right.revealedText.utf8)
        guard leftBytes.count == rightBytes.count else { return false }
        return zip(leftBytes, rightBytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    // `==` compares bytes, and the hash must agree with it; String's own treats canonically equal texts as one.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func hash(into hasher: inout Hasher) {
        for byte in revealedText.utf8 { hasher.combine(byte) }
    }
}

extension Secret {
    /// Redacts every occurrence in a text, also one that a combining mark follows.
    func removed(from text: String) -> String {
        guard !revealedText.isEmpty else { return text }
        // By scalars: in a String the mark would be part of the last character, which then differs.
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
