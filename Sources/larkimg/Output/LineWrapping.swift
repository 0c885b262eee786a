/// Breaks lines between words, and where Chinese characters meet.
struct LineWrapping {
    let columns: Int

    /// Breaks a line.
    ///
    /// - Parameters:
    ///   - text: the line without its beginning.
    ///   - head: the beginning of the first line, which is not broken.
    ///   - indent: how many spaces the other lines begin with.
    func wrapped(_ text: some StringProtocol, after head: some StringProtocol, indent: Int) -> String {
        guard Self.width(head) + Self.width(text) > columns else { return "\(head)\(text)" }
        var lines: [String] = []
        var line = String(head)
        var isFirst = true
        for word in Self.words(text) {
            let gap = word.followsSpace && !isFirst ? " " : ""
            if isFirst || Self.width(line) + gap.count + Self.width(word.text) <= columns {
                line += gap + word.text
            } else {
                lines.append(line)
                line = String(repeating: " ", count: indent) + word.text
            }
            isFirst = false
        }
        return (lines + [line]).joined(separator: "\n")
    }

    private struct Word {
        var text: String
        let followsSpace: Bool
    }

    /// What a line may not be broken within.
    private static func words(_ text: some StringProtocol) -> [Word] {
        var words: [Word] = []
        var previous: Character?
        for character in text {
            defer { previous = character }
            if character == " " { continue }
            let isBound =
                switch previous {
                case nil, " ": false
                case let previous?:
                    "（「".contains(previous) || "，。；：、！？）」,.;:)".contains(character)
                        || !isWide(previous) && !isWide(character)
                }
            if isBound {
                words[words.count - 1].text.append(character)
            } else {
                words.append(Word(text: String(character), followsSpace: previous == " "))
            }
        }
        return words
    }

    /// How many columns of a terminal a text takes.
    static func width(_ text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + (isWide($1) ? 2 : 1) }
    }

    /// Whether a character takes two columns (Unicode Standard Annex 11): ideographs, and the punctuation between them.
    private static func isWide(_ character: Character) -> Bool {
        switch character.unicodeScalars.first?.value ?? 0 {
        case 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60: true
        default: false
        }
    }
}
