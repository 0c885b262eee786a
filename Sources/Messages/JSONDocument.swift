/// A JSON text that was scanned once: its values are places in the bytes.
///
/// Messages come by the million, and most of their members are never looked at. So nothing is decoded before it is asked
/// for. Nesting is limited, and of members with the same name the last one counts.
package struct JSONDocument: Sendable {
    /// What a value is.
    enum Kind: UInt8 {
        case object
        case array
        case string
        case number
        case literal
    }

    /// A value. An object's nodes are followed by those of its names and values, an array's by those of its elements.
    struct Node {
        let kind: Kind
        /// Whether a string has escapes.
        var isEscaped = false
        /// Of a string without its quotes.
        let start: Int32
        var end: Int32
        /// The index of the first node behind this one and all inside it.
        var next: Int32
    }

    /// The deepest nesting. No message comes near it.
    static let deepest = 64

    /// The largest text, in bytes.
    package static let largest = 64 << 20

    let bytes: [UInt8]
    private(set) var nodes: [Node] = []

    /// Scans a text.
    ///
    /// - Parameter bytes: UTF-8, valid.
    /// - Throws: ``JSONSyntaxError``.
    package init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
        self.bytes = bytes
        guard bytes.count <= Self.largest else { throw JSONSyntaxError(reason: "it is too large") }
        nodes.reserveCapacity(bytes.count / 16 + 8)
        var scanner = JSONScanner(bytes)
        try scanner.value(depth: 0, into: &nodes)
        try scanner.end()
    }

    /// The whole text.
    package var root: JSONValue { JSONValue(document: self, index: 0) }

    /// The way to a node: `event.message.content`, `items[3].body`.
    func path(to index: Int) -> String {
        var path = ""
        var current = 0
        while current != index {
            let isObject = nodes[current].kind == .object
            var child = current + 1
            var number = 0
            while true {
                let value = isObject ? child + 1 : child
                let next = Int(nodes[value].next)
                if index < next {
                    if isObject {
                        path += (path.isEmpty ? "" : ".") + JSONValue(document: self, index: child).text
                    } else {
                        path += "[\(number)]"
                    }
                    current = value
                    break
                }
                child = next
                number += 1
            }
        }
        return path
    }
}

/// A text that is not JSON.
package struct JSONSyntaxError: Error, CustomStringConvertible {
    let reason: String
    /// Whether more text could make it JSON.
    package var isIncomplete = false

    package var description: String { reason }
}
