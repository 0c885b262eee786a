/// A statement with `$1`, `$2` … in place of `?`.
///
/// A `?` in a literal, a quoted identifier or a comment stays. PostgreSQL's operators `?`, `?|` and `?&` cannot be used.
struct PostgreSQLPlaceholders {
    /// The statement for PostgreSQL.
    let sql: String

    /// The number of placeholders.
    let count: Int

    /// Rewrites a statement.
    init(_ statement: String) {
        var scanner = Scanner(input: Array(statement.utf8))
        scanner.run()
        sql = String(decoding: scanner.output, as: UTF8.self)
        count = scanner.count
    }
}

/// postgresql.org, "Lexical Structure".
private struct Scanner {
    let input: [UInt8]
    var output: [UInt8] = []
    var count = 0
    private var position = 0

    init(input: [UInt8]) {
        self.input = input
        output.reserveCapacity(input.count + 16)
    }

    mutating func run() {
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "?"):
                position += 1
                count += 1
                output += "$\(count)".utf8
            case UInt8(ascii: "'"): copyLiteral(hasEscapes: followsEscapePrefix)
            case UInt8(ascii: "\""):
                copy()
                while let next = peek(), next != UInt8(ascii: "\"") { copy() }
                copy()
            case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"):
                while let next = peek(), next != UInt8(ascii: "\n") { copy() }
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): copyComment()
            case UInt8(ascii: "$") where !followsIdentifier: copyDollarQuoted()
            default: copy()
            }
        }
    }

    private func peek(_ offset: Int = 0) -> UInt8? {
        input.indices.contains(position + offset) ? input[position + offset] : nil
    }

    private mutating func copy(_ length: Int = 1) {
        let end = min(position + length, input.count)
        output += input[position..<end]
        position = end
    }

    private static func isIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }

    private var followsIdentifier: Bool { peek(-1).map { Self.isIdentifier($0) || $0 == UInt8(ascii: "$") } ?? false }

    /// Whether the literal begins with `E'`, so that a backslash escapes.
    private var followsEscapePrefix: Bool {
        guard peek(-1) == UInt8(ascii: "E") || peek(-1) == UInt8(ascii: "e") else { return false }
        return !(peek(-2).map(Self.isIdentifier) ?? false)
    }

    private mutating func copyLiteral(hasEscapes: Bool) {
        copy()
        while let byte = peek() {
            if hasEscapes, byte == UInt8(ascii: "\\") {
                copy(2)
            } else if byte == UInt8(ascii: "'"), peek(1) == UInt8(ascii: "'") {
                copy(2)
            } else {
                copy()
                if byte == UInt8(ascii: "'") { return }
            }
        }
    }

    private mutating func copyComment() {
        var depth = 0
        repeat {
            if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                copy(2)
            } else if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                copy(2)
            } else {
                copy()
            }
        } while depth > 0 && peek() != nil
    }

    /// Copies `$tag$ … $tag$`; a single `$` if no tag follows.
    private mutating func copyDollarQuoted() {
        let name = input[(position + 1)...].prefix(while: Self.isIdentifier)
        guard name.endIndex < input.endIndex, input[name.endIndex] == UInt8(ascii: "$"),
            !(name.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false)
        else { return copy() }
        let tag = input[position...name.endIndex]
        copy(tag.count)
        while peek() != nil, !input[position...].starts(with: tag) { copy() }
        copy(tag.count)
    }
}
