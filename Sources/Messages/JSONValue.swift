/// A value of a ``JSONDocument``.
package struct JSONValue: Sendable {
    let document: JSONDocument
    let index: Int

    private var node: JSONDocument.Node { document.nodes[index] }

    package var isObject: Bool { node.kind == .object }
    package var isArray: Bool { node.kind == .array }
    package var isString: Bool { node.kind == .string }

    package var isNull: Bool { node.kind == .literal && document.bytes[Int(node.start)] == UInt8(ascii: "n") }

    /// The text of an object or array, as it was written.
    package var source: [UInt8] { Array(document.bytes[Int(node.start)..<Int(node.end)]) }

    /// Whether it is `true`.
    package var isTrue: Bool { node.kind == .literal && document.bytes[Int(node.start)] == UInt8(ascii: "t") }

    /// The member of an object; nil for none, and for any other value.
    package subscript(name: StaticString) -> JSONValue? {
        guard isObject else { return nil }
        var found: JSONValue?
        var child = index + 1
        let end = Int(node.next)
        while child < end {
            let value = child + 1
            if JSONValue(document: document, index: child).isEqual(to: name) {
                found = JSONValue(document: document, index: value)
            }
            child = Int(document.nodes[value].next)
        }
        return found
    }

    /// The text of a string that is not empty.
    package var nonEmptyText: String? { isString && node.end > node.start ? text : nil }

    /// The text of a string, and the digits of a number, since ids and times come as both; empty for any other value.
    package var text: String { String(decoding: textBytes, as: UTF8.self) }

    /// The UTF-8 of ``text``. What is half of a surrogate pair becomes U+FFFD.
    package var textBytes: [UInt8] {
        guard node.kind == .string || node.kind == .number else { return [] }
        let raw = document.bytes[Int(node.start)..<Int(node.end)]
        return node.isEscaped ? JSONEscapes.decoded(raw) : Array(raw)
    }

    /// Whether it is this string.
    package func isEqual(to text: StaticString) -> Bool {
        guard isString else { return false }
        let count = Int(node.end - node.start)
        if node.isEscaped {
            return textBytes.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
        guard count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<count where document.bytes[Int(node.start) + offset] != text.utf8Start[offset] {
            return false
        }
        return true
    }

    /// Calls a body with each element of an array; none for any other value.
    package func forEachElement(_ body: (JSONValue) throws -> Void) rethrows {
        guard isArray else { return }
        var child = index + 1
        let end = Int(node.next)
        while child < end {
            try body(JSONValue(document: document, index: child))
            child = Int(document.nodes[child].next)
        }
    }

    /// Calls a body with each name and value of an object; none for any other value.
    package func forEachMember(_ body: (_ name: JSONValue, _ value: JSONValue) throws -> Void) rethrows {
        guard isObject else { return }
        var child = index + 1
        let end = Int(node.next)
        while child < end {
            try body(JSONValue(document: document, index: child), JSONValue(document: document, index: child + 1))
            child = Int(document.nodes[child + 1].next)
        }
    }

    /// Where it is in the text.
    package var path: String { document.path(to: index) }
}

/// The escapes of JSON strings (RFC 8259, 7).
enum JSONEscapes {
    /// Decodes a string. Escapes that are not valid stay as they are.
    static func decoded(_ raw: ArraySlice<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(raw.count)
        var rest = raw
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                text.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "u"): text += Array(String(scalar(&rest)).utf8)
            default: text.append(escape)
            }
        }
        return text
    }

    /// The scalar of `\uXXXX`, and of a pair.
    private static func scalar(_ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar {
        let replacement: Unicode.Scalar = "\u{FFFD}"
        guard let first = unit(&rest) else { return replacement }
        guard (0xD800...0xDBFF).contains(first), rest.starts(with: "\\u".utf8) else {
            return Unicode.Scalar(first) ?? replacement
        }
        var behind = rest.dropFirst(2)
        guard let second = unit(&behind), (0xDC00...0xDFFF).contains(second) else { return replacement }
        rest = behind
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? replacement
    }

    private static func unit(_ rest: inout ArraySlice<UInt8>) -> UInt32? {
        let digits = String(decoding: rest.prefix(4), as: UTF8.self)
        guard rest.count >= 4, digits.allSatisfy(\.isHexDigit), let unit = UInt32(digits, radix: 16) else { return nil }
        rest = rest.dropFirst(4)
        return unit
    }
}
