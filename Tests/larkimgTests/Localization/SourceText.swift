import FoundationEssentials

/// The string literals of this package's sources, for tests that look for texts.
enum SourceText {
    struct Literal {
        /// The text on one line. Interpolations are `%1`, `%2`.
        var text: String
        /// What is before it and after it, on one line.
        let before: String
        let after: String
    }

    private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The Swift files below a directory of Sources: their paths and contents.
    static func files(of target: String) throws -> [(path: String, source: String)] {
        let directory = package.appending(path: "Sources/\(target)")
        return try FileManager.default.subpathsOfDirectory(atPath: directory.path)
            .filter { $0.hasSuffix(".swift") }.sorted()
            .map { ("\(target)/\($0)", try String(contentsOf: directory.appending(path: $0), encoding: .utf8)) }
    }

    /// The literals of a file. Those that are added up with `+` are one.
    static func literals(in source: String) -> [Literal] {
        var scanner = Scanner(bytes: Array(source.utf8))
        return scanner.literals()
    }

    /// How many cases an enumeration has.
    static func caseCount(of name: String, in source: String) -> Int {
        let lines = source.split(separator: "\n").drop { !$0.contains("enum \(name):") }.dropFirst()
        return lines.prefix { !$0.contains("var description") && !$0.hasPrefix("}") }
            .count { $0.hasPrefix("    case ") }
    }

    /// A text on one line, as the help joins its lines.
    static func joined(_ text: some StringProtocol) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

private struct Scanner {
    let bytes: [UInt8]
    var position = 0

    private static let quote = UInt8(ascii: "\"")
    private static let mark: UInt8 = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func literals() -> [SourceText.Literal] {
        var literals: [SourceText.Literal] = []
        while position < bytes.count {
            if starts("//") {
                skip { $0 != UInt8(ascii: "\n") }
            } else if starts("#\"") {
                position += 2
                while position < bytes.count, !starts("\"#") { position += 1 }
                position += 2
            } else if bytes[position] == Self.quote {
                let before = String(decoding: bytes[max(0, position - 60)..<position], as: UTF8.self)
                let text = sum()
                let after = String(decoding: bytes[position..<min(position + 40, bytes.count)], as: UTF8.self)
                literals.append(
                    SourceText.Literal(text: text, before: SourceText.joined(before), after: SourceText.joined(after)))
            } else {
                position += 1
            }
        }
        return literals
    }

    /// One literal, and what is added to it.
    private mutating func sum() -> String {
        var text = literal()
        while true {
            let end = position
            skip { [UInt8(ascii: " "), UInt8(ascii: "\n")].contains($0) }
            guard starts("+ ") else {
                position = end
                break
            }
            position += 1
            skip { [UInt8(ascii: " "), UInt8(ascii: "\n")].contains($0) }
            guard position < bytes.count, bytes[position] == Self.quote else {
                position = end
                break
            }
            text += literal()
        }
        var number = 0
        let numbered = text.map { byte -> String in
            guard byte == Self.mark else { return "" }
            number += 1
            return "%\(number)"
        }
        var joined: [UInt8] = []
        for (byte, placeholder) in zip(text, numbered) {
            joined += byte == Self.mark ? Array(placeholder.utf8) : [byte]
        }
        return SourceText.joined(String(decoding: joined, as: UTF8.self))
    }

    private mutating func literal() -> [UInt8] {
        let delimiter = starts("\"\"\"") ? "\"\"\"" : "\""
        position += delimiter.utf8.count
        var text: [UInt8] = []
        while position < bytes.count, !starts(delimiter) {
            if starts("\\(") {
                position += 2
                skipInterpolation()
                text.append(Self.mark)
            } else if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count {
                // A newline after a backslash is no part of the text; other escapes are quotes and white space.
                switch bytes[position + 1] {
                case UInt8(ascii: "\n"): break
                case UInt8(ascii: "n"), UInt8(ascii: "t"): text.append(UInt8(ascii: " "))
                case let escaped: text.append(escaped)
                }
                position += 2
            } else {
                text.append(bytes[position])
                position += 1
            }
        }
        position += delimiter.utf8.count
        return text
    }

    private mutating func skipInterpolation() {
        var depth = 1
        while depth > 0, position < bytes.count {
            switch bytes[position] {
            case Self.quote: _ = literal()
            case UInt8(ascii: "("):
                depth += 1
                position += 1
            case UInt8(ascii: ")"):
                depth -= 1
                position += 1
            default: position += 1
            }
        }
    }

    private mutating func skip(while isSkipped: (UInt8) -> Bool) {
        while position < bytes.count, isSkipped(bytes[position]) { position += 1 }
    }

    private func starts(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }
}
