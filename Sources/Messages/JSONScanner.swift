/// Finds the values of a JSON text (RFC 8259).
struct JSONScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Scans a value with everything in it.
    ///
    /// - Throws: ``JSONSyntaxError``.
    mutating func value(depth: Int, into nodes: inout [JSONDocument.Node]) throws(JSONSyntaxError) {
        switch try nextByte() {
        case UInt8(ascii: "{"): try container(.object, to: UInt8(ascii: "}"), depth: depth, into: &nodes)
        case UInt8(ascii: "["): try container(.array, to: UInt8(ascii: "]"), depth: depth, into: &nodes)
        case UInt8(ascii: "\""): try string(into: &nodes)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): number(into: &nodes)
        case UInt8(ascii: "t"): try literal("true", into: &nodes)
        case UInt8(ascii: "f"): try literal("false", into: &nodes)
        case UInt8(ascii: "n"): try literal("null", into: &nodes)
        default: throw unexpected
        }
    }

    /// - Throws: ``JSONSyntaxError`` unless only white space is left.
    mutating func end() throws(JSONSyntaxError) {
        skipSpace()
        guard position == bytes.count else { throw unexpected }
    }

    private mutating func container(
        _ kind: JSONDocument.Kind, to end: UInt8, depth: Int, into nodes: inout [JSONDocument.Node]
    ) throws(JSONSyntaxError) {
        guard depth < JSONDocument.deepest else { throw JSONSyntaxError(reason: "it is nested too deeply") }
        let index = nodes.count
        nodes.append(JSONDocument.Node(kind: kind, start: Int32(position), end: 0, next: 0))
        position += 1
        if try nextByte() == end {
            position += 1
        } else {
            while true {
                if kind == .object {
                    guard try nextByte() == UInt8(ascii: "\"") else { throw unexpected }
                    try string(into: &nodes)
                    guard try nextByte() == UInt8(ascii: ":") else { throw unexpected }
                    position += 1
                }
                try value(depth: depth + 1, into: &nodes)
                let byte = try nextByte()
                guard byte == UInt8(ascii: ",") || byte == end else { throw unexpected }
                position += 1
                if byte == end { break }
            }
        }
        nodes[index].end = Int32(position)
        nodes[index].next = Int32(nodes.count)
    }

    private mutating func string(into nodes: inout [JSONDocument.Node]) throws(JSONSyntaxError) {
        position += 1
        let start = position
        var isEscaped = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                nodes.append(
                    JSONDocument.Node(
                        kind: .string, isEscaped: isEscaped, start: Int32(start), end: Int32(position),
                        next: Int32(nodes.count + 1)))
                position += 1
                return
            case UInt8(ascii: "\\"):
                isEscaped = true
                position += 2
            case ..<0x20:
                throw unexpected
            default:
                position += 1
            }
        }
        throw incomplete
    }

    /// A number: what is not one is found when it is read.
    private mutating func number(into nodes: inout [JSONDocument.Node]) {
        let start = position
        while position < bytes.count, Self.isNumeric(bytes[position]) { position += 1 }
        nodes.append(
            JSONDocument.Node(
                kind: .number, start: Int32(start), end: Int32(position), next: Int32(nodes.count + 1)))
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func literal(
        _ text: StaticString, into nodes: inout [JSONDocument.Node]
    ) throws(JSONSyntaxError) {
        let start = position
        for offset in 0..<text.utf8CodeUnitCount {
            guard position < bytes.count else { throw incomplete }
            // Within the text's bytes.
            guard bytes[position] == text.utf8Start[offset] else { throw unexpected }
            position += 1
        }
        nodes.append(
            JSONDocument.Node(
                kind: .literal, start: Int32(start), end: Int32(position), next: Int32(nodes.count + 1)))
    }

    private mutating func nextByte() throws(JSONSyntaxError) -> UInt8 {
        skipSpace()
        guard position < bytes.count else { throw incomplete }
        return bytes[position]
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return
            }
        }
    }

    private var incomplete: JSONSyntaxError { JSONSyntaxError(reason: "it ends early", isIncomplete: true) }

    private var unexpected: JSONSyntaxError {
        position < bytes.count ? JSONSyntaxError(reason: "it is not JSON at byte \(position + 1)") : incomplete
    }
}
