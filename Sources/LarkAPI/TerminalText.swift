/// Makes text from outside harmless to a terminal and to a log.
public enum TerminalText {
    /// The text on one line, with everything a terminal might act on shown as `\u{…}`.
    ///
    /// Covers C0 and C1 controls, DEL, line and paragraph separators, and the invisible format characters that turn
    /// or hide text.
    ///
    /// - Parameters:
    ///   - text: what came from outside.
    ///   - limit: how many characters to keep; what is cut is shown as `…`.
    /// - Returns: the text to show.
    public static func visible(_ text: String, limit: Int = 500) -> String {
        var shown = ""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            if count == limit { return shown + "…" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// The text as it may stand in a page of HTML.
    package static func html(_ text: String) -> String {
        visible(text, limit: 2000)
            .replacing("&", with: "&amp;")
            .replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
