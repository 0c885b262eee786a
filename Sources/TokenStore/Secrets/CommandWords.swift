import LarkAPI

/// The words of a command that is run without a shell.
///
/// Words are separated by spaces. Quotes keep a word together: in `'…'` every character stands for itself, in `"…"` and
/// outside of quotes a backslash makes the next one do so. What only a shell could understand (`|`, `$`, `*`) is refused
/// instead of being passed on as it is; who needs a shell names it: `sh -c '…'`.
package struct CommandWords: Sendable, Hashable {
    /// The program and its arguments; not empty.
    package let words: [String]

    private static let longest = 4096
    private static let shellCharacters: Set<Unicode.Scalar> = [
        "|", "&", ";", "<", ">", "(", ")", "$", "`", "*", "?", "[", "~", "{", "\n", "\r",
    ]

    /// Splits a command.
    ///
    /// - Throws: ``InvalidValue``, which does not repeat the command.
    package init(_ text: String) throws {
        func invalid(_ rule: String) -> InvalidValue { InvalidValue(word: "…", kind: "command", rule: rule) }
        guard text.utf8.count <= Self.longest else { throw invalid("at most \(Self.longest) bytes") }
        guard !text.unicodeScalars.contains("\0") else { throw invalid("no NUL") }
        var words: [String] = []
        var word: String?
        var quote: Unicode.Scalar?
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            switch (quote, scalar) {
            case (nil, " "), (nil, "\t"):
                if let complete = word { words.append(complete) }
                word = nil
            case (nil, "'"), (nil, "\""):
                quote = scalar
                word = word ?? ""
            case ("'", "'"), ("\"", "\""):
                quote = nil
            case (nil, "\\"), ("\"", "\\"):
                guard let next = scalars.popFirst() else { throw invalid("a character after every backslash") }
                word = (word ?? "") + String(next)
            case (nil, _) where Self.shellCharacters.contains(scalar), ("\"", "$"), ("\"", "`"):
                throw invalid("no '\(TerminalText.visible(String(scalar)))' outside of '…', since no shell runs it")
            default:
                word = (word ?? "") + String(scalar)
            }
        }
        guard quote == nil else { throw invalid("a closing quote for each opening one") }
        if let word { words.append(word) }
        guard let program = words.first, !program.isEmpty else { throw invalid("the name of a program") }
        guard program.hasPrefix("/") || !program.contains("/") else {
            throw invalid("a program in PATH or an absolute path, since it may run in another directory")
        }
        self.words = words
    }
}
