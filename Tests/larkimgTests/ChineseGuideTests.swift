import FoundationEssentials
import Testing

@Suite("The Chinese README and guides")
struct ChineseGuideTests {
    private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let catalog = "Sources/larkimg/larkimg.docc"

    /// The names in the catalog that end so, without the ending.
    private static func names(ending: String) throws -> Set<String> {
        let files = try FileManager.default.contentsOfDirectory(atPath: package.appending(path: catalog).path)
        return Set(files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) })
    }

    /// The English texts, without ".md".
    private static func originals() throws -> [String] {
        ["README"] + (try names(ending: ".md")).filter { !$0.hasSuffix(".zh-CN") }.sorted().map { "\(catalog)/\($0)" }
    }

    private static func blocks(_ path: String) throws -> [MarkdownBlock] {
        MarkdownBlock.blocks(of: try String(contentsOf: package.appending(path: path), encoding: .utf8))
    }

    /// The links of a text in either language, as those of the English one.
    private static func english(_ links: Set<String>) -> Set<String> {
        Set(links.map { $0.replacing(".zh-CN", with: "") })
    }

    @Test("Every guide is there in Chinese, and no other")
    func complete() throws {
        let chinese = try Self.names(ending: ".zh-CN.md")
        #expect(chinese.count > 8)
        #expect(try Self.names(ending: ".md").filter { !$0.hasSuffix(".zh-CN") } == chinese)
    }

    @Test("Each paragraph, item and row has the commands, options, numbers and links of the English one")
    func facts() throws {
        for path in try Self.originals() {
            // What follows is the table of contents, which has a test of its own.
            let isText: (MarkdownBlock) -> Bool = { $0.text != "## Topics" }
            let original = try Self.blocks("\(path).md").prefix(while: isText)
            let chinese = try Self.blocks("\(path).zh-CN.md").prefix(while: isText)
            #expect(original.count == chinese.count, "\(path)")
            for (original, chinese) in zip(original, chinese) {
                try #require(original.kind == chinese.kind, "\(path):\n\(original)\n\(chinese)")
                #expect(original.literals == chinese.literals, "\(path):\n\(original)\n\(chinese)")
                // A number may be a word in English.
                #expect(original.numbers.isSubset(of: chinese.numbers), "\(path):\n\(original)\n\(chinese)")
                #expect(Self.english(original.links) == Self.english(chinese.links), "\(path):\n\(chinese)")
                if original.kind == .code { #expect(original.text == chinese.text, "\(path)") }
            }
        }
    }

    @Test("The table of contents names every guide, in both languages")
    func contents() throws {
        let guides = Set(try Self.names(ending: ".zh-CN.md").subtracting(["larkimg"]).map { "doc:\($0)" })
        let original = Set(try Self.blocks("\(Self.catalog)/larkimg.md").flatMap(\.links))
        #expect(original == guides.union(["doc:larkimg.zh-CN"]))
        let chinese = Set(try Self.blocks("\(Self.catalog)/larkimg.zh-CN.md").flatMap(\.links))
        #expect(chinese == Set(guides.map { "\($0).zh-CN" }))
    }

    @Test("Links between Chinese texts lead to Chinese texts")
    func links() throws {
        for path in try Self.originals() {
            for link in try Self.blocks("\(path).zh-CN.md").flatMap(\.links)
            where link.hasPrefix("doc:") || link.hasPrefix(Self.catalog) {
                #expect(link.contains(".zh-CN"), "\(path): \(link)")
            }
        }
    }
}
