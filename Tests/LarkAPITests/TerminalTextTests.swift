import LarkAPI
import Testing

@Suite("Text for a terminal")
struct TerminalTextTests {
    @Test(
        "Nothing that a terminal acts on is left",
        arguments: [
            "\u{1B}]0;title\u{7}", "\u{1B}[2J", "\u{1B}]52;c;ZXZpbA==\u{7}", "\u{9B}31m", "\u{9D}0;x\u{9C}", "a\rb",
            "a\nb",
            "a\tb", "\u{0}", "\u{7F}", "\u{8}\u{8}", "\u{202E}txt.exe", "\u{2066}x\u{2069}", "\u{200B}", "\u{FEFF}",
            "\u{85}",
            "\u{2028}", "\u{2029}", "\u{E000}", "\u{1B}P$q\u{1B}\\", "\u{1B}c", "\u{90}x\u{9C}", "\u{AD}", "\u{E0041}",
            "\u{FFFF}",
        ])
    func harmless(_ text: String) {
        let shown = TerminalText.visible(text)
        for scalar in shown.unicodeScalars {
            let category = scalar.properties.generalCategory
            #expect(![.control, .format, .lineSeparator, .paragraphSeparator, .privateUse].contains(category))
        }
        #expect(shown.contains("\\u{"))
    }

    @Test("Harmless text stays as it is", arguments: ["", "plain", "下载图片", "é e\u{301}", "a \\ b", "👍"])
    func unchanged(_ text: String) {
        #expect(TerminalText.visible(text) == text)
    }

    @Test("A long text is cut, and says so")
    func cut() {
        #expect(TerminalText.visible(String(repeating: "x", count: 1_000_000), limit: 5) == "xxxxx…")
        #expect(TerminalText.visible("12345", limit: 5) == "12345")
    }
}
