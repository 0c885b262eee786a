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
        let isPlain = text.utf8.count <= limit && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        if isPlain { return text }
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

/// Percent-encoding of any bytes for one segment of a URL.
package enum PercentEncoding {
    /// Keeps letters, digits, `-`, `.` and `_`; every other byte becomes `%` and two digits.
    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                String(UnicodeScalar(byte))
            default:
                (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        .joined()
    }
}

/// Hexadecimal text: two lower-case digits a byte.
package enum Hexadecimal {
    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(bytes.flatMap { [$0 >> 4, $0 & 15].map { Character(String($0, radix: 16)) } })
    }
}
