/// A word from outside (a name, a key, an address) that does not have the form it must have.
public struct InvalidValue: Error, Sendable, Hashable, CustomStringConvertible {
    /// The word that was refused, as it came.
    public let word: String

    /// What the word was meant to be: "image_key", "tenant name".
    public let kind: String

    /// The form that would be accepted.
    public let rule: String

    /// Says which word of which kind was refused.
    package init(word: String, kind: String, rule: String) {
        self.word = word
        self.kind = kind
        self.rule = rule
    }

    /// One line for the user; control characters in the word are made visible, a long word is cut.
    public var description: String {
        "'\(TerminalText.visible(word, limit: 60))' is not a valid \(kind): it takes \(rule)"
    }
}
