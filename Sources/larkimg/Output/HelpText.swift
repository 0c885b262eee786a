import ArgumentParser

/// The parser's help for a terminal of some width, in a language.
struct HelpText {
    let columns: Int
    let language: Language

    /// As much as the parser takes, so that each text is on one line.
    private static let unlimited = 100_000

    /// Where the parser prints what an option does; it starts another line if the option is longer.
    private static let labelWidth = 26

    /// The text that the parser shows for a request, such as `--help`.
    ///
    /// Completions and the description of the commands come this way too. Programs read them, so they stay as they are.
    func text(for request: any Error) -> String {
        let text = Larkimg.fullMessage(for: request, columns: columns)
        guard text.hasPrefix("OVERVIEW: ") else { return text }
        return language == .english
            ? wrapped(text) : translated(Larkimg.fullMessage(for: request, columns: Self.unlimited), language.text)
    }

    /// English help whose long lines are broken between words. The parser breaks all but the usage line and the last
    /// one.
    private func wrapped(_ text: String) -> String {
        let wrapping = LineWrapping(columns: columns)
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                let head = line.prefix { $0 == " " }
                let indent = line.hasPrefix("USAGE: ") ? 7 : head.count
                return wrapping.wrapped(line.dropFirst(head.count), after: head, indent: indent)
            }
            .joined(separator: "\n")
    }

    /// Help in which each text is translated, except for the examples.
    ///
    /// - Parameters:
    ///   - text: the parser's help with each text on one line.
    ///   - translate: returns the translation of a text.
    func translated(_ text: String, _ translate: (String) -> String) -> String {
        let wrapping = LineWrapping(columns: columns)
        var lines: [String] = []
        var rest = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        var isAboutArguments = false
        while let line = rest.popFirst() {
            if line.hasPrefix("USAGE: ") {
                isAboutArguments = true
                let usage = translate("USAGE:") + line.dropFirst("USAGE: ".count)
                lines.append(wrapping.wrapped(usage, after: "", indent: 6))
            } else if isAboutArguments {
                let (head, body) = Self.columns(of: line)
                lines.append(wrapping.wrapped(body.isEmpty ? "" : translate(body), after: head, indent: head.count))
            } else if rest.first?.hasPrefix("  ") == true, !line.isEmpty {
                // A heading with lines of its own.
                let body = rest.prefix { $0.hasPrefix("  ") }
                rest = rest.dropFirst(body.count)
                lines.append(translate(String(line)))
                if line == "EXAMPLE" {
                    lines += body.map(String.init)
                } else {
                    let text = body.map { $0.drop { $0 == " " } }.joined(separator: " ")
                    lines.append(wrapping.wrapped(translate(text), after: "  ", indent: 2))
                }
            } else {
                lines.append(line.isEmpty ? "" : wrapping.wrapped(translate(String(line)), after: "", indent: 0))
            }
        }
        return lines.joined(separator: "\n")
    }

    /// A line about arguments: an option with its indentation, and what it does.
    private static func columns(of line: Substring) -> (head: Substring, body: String) {
        // Headings, and the line below all commands.
        guard line.hasPrefix("  "), !line.hasPrefix("  See ") else {
            let head = line.prefix { $0 == " " }
            return (head, String(line.dropFirst(head.count)))
        }
        let label = line.prefix(labelWidth)
        return label.hasSuffix(" ") ? (label, String(line.dropFirst(labelWidth))) : (line, "")
    }
}
