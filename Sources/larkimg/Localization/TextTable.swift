/// Texts with their translations.
///
/// In a source, each text is on a line of its own and its translation on the next; empty lines are ignored. Where a text
/// varies it has the placeholders `%1` to `%9`, in this order. The translation has them too: `%1` for the words as they
/// are, `@1` for their translation.
struct TextTable: Sendable {
    private var texts: [String: String] = [:]
    private var patterns: [TextPattern] = []

    init(_ sources: [String]) {
        for (text, translation) in sources.flatMap(Self.entries) {
            let pattern = TextPattern(text, translation: translation)
            if pattern.isConstant {
                texts[text] = translation
            } else {
                patterns.append(pattern)
            }
        }
        // The one that determines most of a text is the one that was meant.
        patterns.sort { $0.length > $1.length }
    }

    /// The entries of a source.
    static func entries(of source: String) -> [(text: String, translation: String)] {
        let lines = source.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
        return stride(from: 1, to: lines.count, by: 2).map { (lines[$0 - 1], lines[$0]) }
    }

    /// The translation of a text: as a whole, else sentence by sentence.
    ///
    /// - Returns: nil unless all of it has one.
    func translation(of text: String) -> String? {
        if let whole = wholeTranslation(of: text) { return whole }
        for end in text.ranges(of: ". ") {
            guard let first = wholeTranslation(of: String(text[..<end.lowerBound])),
                let rest = translation(of: String(text[end.upperBound...]))
            else { continue }
            return "\(first)。\(rest)"
        }
        return nil
    }

    private func wholeTranslation(of text: String) -> String? {
        texts[text]
            ?? patterns.lazy
            .compactMap { pattern in
                pattern.translation(of: text) { value in
                    // A single word is a name.
                    translation(of: value) ?? (value.contains(" ") ? nil : value)
                }
            }
            .first
    }
}

/// A text with placeholders, and its translation.
private struct TextPattern {
    /// What is around the placeholders: one piece more than there are placeholders.
    private let pieces: [String]
    private let translation: String
    /// How many bytes of a text it determines.
    let length: Int

    init(_ text: String, translation: String) {
        let bytes = text.utf8
        var pieces: [String] = []
        var start = bytes.startIndex
        var position = start
        while let mark = bytes[position...].firstIndex(of: UInt8(ascii: "%")) {
            position = bytes.index(after: mark)
            guard position < bytes.endIndex, Self.isDigit(bytes[position]) else { continue }
            pieces.append(String(text[start..<mark]))
            position = bytes.index(after: position)
            start = position
        }
        self.pieces = pieces + [String(text[start...])]
        self.translation = translation
        length = bytes.count - 2 * pieces.count
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(byte) }

    var isConstant: Bool { pieces.count == 1 }

    /// The translation of a text.
    ///
    /// - Parameter translate: returns the translation of a placeholder's words, if there is one.
    /// - Returns: nil for a text that is not of this form.
    func translation(of text: String, translating translate: (String) -> String?) -> String? {
        guard let values = values(in: text) else { return nil }
        var filled = ""
        var rest = translation[...]
        while let character = rest.popFirst() {
            guard character == "%" || character == "@", let number = rest.first?.wholeNumberValue,
                values.indices.contains(number - 1)
            else {
                filled.append(character)
                continue
            }
            rest = rest.dropFirst()
            let value = values[number - 1]
            // In names and paths no sentence ends: the text goes on with another one.
            guard let words = character == "@" ? translate(value) : value.contains(". ") ? nil : value else {
                return nil
            }
            filled += words
        }
        return filled
    }

    /// The words in the place of each placeholder.
    private func values(in text: String) -> [String]? {
        guard let first = pieces.first, let last = pieces.last, text.hasPrefix(first), text.hasSuffix(last),
            text.utf8.count > length
        else { return nil }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        var values: [String] = []
        for piece in pieces.dropFirst().dropLast() {
            guard let end = rest.dropFirst().firstRange(of: piece) else { return nil }
            values.append(String(rest[..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        values.append(String(rest))
        return values.contains("") ? nil : values
    }
}
