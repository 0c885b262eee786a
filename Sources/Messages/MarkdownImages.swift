/// Finds images of the platform in Markdown.
enum MarkdownImages {
    /// The keys in `![alt](img_…)`. What is in code, or an address, is none.
    static func keys(in text: [UInt8]) -> [String] {
        guard text.contains(UInt8(ascii: "!")) else { return [] }
        var keys: [String] = []
        var rest = text[...]
        while let byte = rest.first {
            if byte == UInt8(ascii: "`") {
                skipCode(&rest)
            } else if rest.starts(with: "![".utf8), let key = key(&rest) {
                keys.append(key)
            } else {
                rest.removeFirst()
            }
        }
        return keys
    }

    /// Skips code in as many backquotes as it begins with; without an end they are text.
    private static func skipCode(_ rest: inout ArraySlice<UInt8>) {
        let mark = rest.prefix { $0 == UInt8(ascii: "`") }
        let inside = rest.dropFirst(mark.count)
        var search = inside
        while let start = search.firstIndex(of: UInt8(ascii: "`")) {
            let run = search[start...].prefix { $0 == UInt8(ascii: "`") }
            if run.count == mark.count {
                rest = search[run.endIndex...]
                return
            }
            search = search[run.endIndex...]
        }
        rest = inside
    }

    private static func key(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard let close = rest.firstIndex(of: UInt8(ascii: "]")), rest[close...].starts(with: "](".utf8),
            let end = rest[close...].firstIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let target = rest[(close + 2)..<end].prefix { $0 != UInt8(ascii: " ") }
        guard target.starts(with: "img_".utf8) else { return nil }
        rest = rest[(end + 1)...]
        return String(decoding: target, as: UTF8.self)
    }
}
