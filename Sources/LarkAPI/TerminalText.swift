/// Makes untrusted text safe for a terminal, a log and HTML.
public enum TerminalText {
    /// Returns the text on one line, with everything that a terminal might act on escaped as `\u{…}`.
    ///
    /// These are C0 and C1 controls, DEL, line and paragraph separators, and the invisible format characters that
    /// reorder or hide text.
    ///
    /// - Parameters:
    ///   - text: the untrusted text.
    ///   - limit: the maximum number of characters; `…` replaces the rest.
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

    /// Returns the text escaped for HTML.
    package static func html(_ text: String) -> String {
        visible(text, limit: 2000)
            .replacing("&", with: "&amp;")
            .replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
