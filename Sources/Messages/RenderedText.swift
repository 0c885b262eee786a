import LarkAPI

/// Finds the keys in the text that lark-cli renders in place of content (sources of lark-cli, `convert_lib`).
enum RenderedText {
    static func read(_ text: [UInt8], _ facts: MessageFacts, into collector: inout MessageCollector) {
        for key in values(after: "[Image: ", until: "]", in: text) { add(key, .image, facts, into: &collector) }
        for key in values(after: "![Image](", until: ")", in: text) { add(key, .image, facts, into: &collector) }
        for key in values(after: "(img_key:", until: ")", in: text) { add(key, .image, facts, into: &collector) }
        for list in values(after: "(keys:", until: ")", in: text) {
            for key in list.split(separator: ",") { add(String(key), .image, facts, into: &collector) }
        }
        for tag in ["<file ", "<audio ", "<video "] {
            for attributes in values(after: tag, until: ">", in: text) {
                guard let key = attribute("key", in: attributes) else { continue }
                collector.addKey(key, .file, facts, path: { "" }, fileName: attribute("name", in: attributes))
                if let cover = attribute("cover_image_key", in: attributes) {
                    add(cover, .image, facts, into: &collector)
                }
            }
        }
        // check: allowed, the platform's word
        if !values(after: "<folder ", until: ">", in: text).isEmpty { collector.add(.directory, of: facts) }
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

    /// An attribute such as `name="a &amp; b"`.
    private static func attribute(_ name: String, in text: String) -> String? {
        // The blank keeps the name from being the end of another one.
        let text = " \(text)"
        guard let start = text.firstRange(of: " \(name)=\"")?.upperBound,
            let end = text[start...].firstIndex(of: "\"")
        else { return nil }
        let entities = [
            ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"),
        ]
        return entities.reduce(String(text[start..<end])) { $0.replacing($1.0, with: $1.1) }
    }
}
