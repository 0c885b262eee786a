import Testing

@testable import ImageFetch

@Suite("Names that senders choose")
struct FileNameTextTests {
    @Test(
        "What leads out of a directory, hides a file or deceives a reader is replaced",
        arguments: [
            ("../../etc/passwd", "_.._etc_passwd"), ("/etc/x", "_etc_x"), ("a\\b", "a_b"), ("-rf", "rf"),
            (".hidden", "hidden"), ("a\u{0}b\nc", "a_b_c"), ("\u{1B}[31mred", "_[31mred"),
            ("x\u{202E}gpj.exe", "x_gpj.exe"),
            ("a. ", "a"), ("CON", "_CON"), ("nul.txt", "_nul.txt"), ("%2e%2e", "_2e_2e"), ("a:b|c?", "a_b_c_"),
            ("报价 7.xlsx", "报价 7.xlsx"),
        ])
    func hostile(_ text: String, name: String) {
        #expect(FileNameText.cleaned(text) == name)
    }

    @Test("Nothing, or nothing that may stay, is 'none'", arguments: [nil, "", ".", "..", "///", " ", "-", "\u{FFFD}"])
    func nothing(_ text: String?) {
        #expect(FileNameText.cleaned(text) == "none")
    }

    @Test("A long name is cut between characters, and keeps its extension")
    func long() {
        let name = FileNameText.cleaned(String(repeating: "报", count: 300) + ".xlsx")
        #expect(name.utf8.count <= 100)
        #expect(name.hasSuffix("报.xlsx"))
    }

    @Test("Whatever the text is, it is one name", arguments: 0..<200)
    func random(_ seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var text = ""
        for _ in 0..<40 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if let scalar = Unicode.Scalar(UInt32(state >> 33) % (state & 1 == 0 ? 0x80 : 0x11_0000)) {
                text.unicodeScalars.append(scalar)
            }
        }
        let name = FileNameText.cleaned(text)
        #expect(OutputName.isName(name))
        #expect(FileNameText.cleaned(name) == name, "cleaning again changes nothing")
    }
}
