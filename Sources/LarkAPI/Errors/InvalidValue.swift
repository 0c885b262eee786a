/// A name, key or address from outside that is not in its required form.
public struct InvalidValue: ReportableError, Hashable {
    /// The value as it was given.
    public let word: String

    /// What the value was meant to be: "image_key", "tenant name".
    public let kind: String

    /// The required form.
    public let rule: String

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var reportType: String { "usage" }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var remedy: Remedy? { nil }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var isRetryable: Bool { false }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    package init(word: String, kind: String, rule: String) {
        self.word = word
        self.kind = kind
        self.rule = rule
    }

    /// One line for the user. Control characters are escaped, a long value is cut.
    public var description: String {
        "'\(TerminalText.visible(word, limit: 60))' is not a valid \(kind): it takes \(rule)"
    }
}
