import LarkAPI

/// Finds the keys in the text that lark-cli renders in place of content (sources of lark-cli, `convert_lib`).
enum RenderedText {
    static func read(_ text: [UInt8], _ facts: MessageFacts, into collector: inout MessageCollector) {
        for key in values(after: "[Image: ", until: "]", in: text) { add(key, .image, facts, into: &collector) }
        for key in values(after: "![Image](", until: ")", in: text) { add(key, .image, facts, into: &collector) }
        // Markdown of posts and cards stays as it is.
        for key in MarkdownImages.keys(in: text) { add(key, .image, facts, into: &collector) }
        for key in values(after: "(img_key:", until: ")", in: text) { add(key, .image, facts, into: &collector) }
        for list in values(after: "(keys:", until: ")", in: text) {
            for key in list.split(separator: ",") { add(String(key), .image, facts, into: &collector) }
        }
        for mark in ["[Media: ", "(key:"] {
            for key in values(after: mark, until: mark == "(key:" ? ")" : "]", in: text) {
                add(key, .file, facts, into: &collector)
            }
        }
        for name in ["file", "audio", "video"] {
            for attributes in elements(name, in: text) {
                guard let key = attributes["key"], !key.isEmpty else { continue }
                collector.addKey(key, .file, facts, path: { "" }, fileName: attributes["name"])
                if let cover = attributes["cover_image_key"] { add(cover, .image, facts, into: &collector) }
            }
        }
        // check: allowed, the platform's word
        if !elements("folder", in: text).isEmpty { collector.add(.directory, of: facts) }
    }

    private static func add(
        _ key: String, _ type: ImageReference.ResourceType, _ facts: MessageFacts,
        into collector: inout MessageCollector
    ) {
        // Anything may stand in brackets.
        guard (try? ResourceKey(key)) != nil else { return }
        collector.addKey(key, type, facts, path: { "" })
    }

    /// The texts between two marks.
    private static func values(after mark: String, until end: Character, in text: [UInt8]) -> [String] {
        guard let last = end.asciiValue, let first = mark.utf8.first else { return [] }
        var values: [String] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            guard rest.starts(with: mark.utf8) else {
                rest.removeFirst()
                continue
            }
            rest = rest.dropFirst(mark.utf8.count)
            guard let close = rest.firstIndex(of: last) else { break }
            values.append(String(decoding: rest[..<close], as: UTF8.self))
        }
        return values
    }

    /// The attributes of elements such as `<file key="K" name="a \"b\""/>`.
    private static func elements(_ name: String, in text: [UInt8]) -> [[String: String]] {
        let mark = Array("<\(name) ".utf8)
        var elements: [[String: String]] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
            rest = rest[start...]
            guard rest.starts(with: mark) else {
                rest.removeFirst()
                continue
            }
            rest = rest.dropFirst(mark.count)
            elements.append(attributes(&rest))
        }
        return elements
    }

    /// Reads up to the end of an element, or to what is no attribute.
    private static func attributes(_ rest: inout ArraySlice<UInt8>) -> [String: String] {
        var attributes: [String: String] = [:]
        while true {
            rest = rest.drop { $0 == UInt8(ascii: " ") }
            let name = rest.prefix { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") }
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty, rest.starts(with: #"=""#.utf8) else { return attributes }
            rest = rest.dropFirst(2)
            var value: [UInt8] = []
            while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                    value.append(byte)
                    continue
                }
                switch escaped {
                case UInt8(ascii: "n"): value.append(0x0A)
                case UInt8(ascii: "r"): value.append(0x0D)
                case UInt8(ascii: "t"): value.append(0x09)
                default: value.append(escaped)
                }
            }
            attributes[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
    }
}
