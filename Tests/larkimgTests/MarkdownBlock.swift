/// A heading, paragraph, list item, table row or code block of a Markdown text, with what does not depend on its language.
struct MarkdownBlock: CustomStringConvertible {
    enum Kind: Equatable {
        case heading(level: Int)
        case paragraph, item, row, code
    }

    let kind: Kind
    /// As it was written; of code without its comments.
    let text: String
    /// Commands, options, names and output between backticks.
    let literals: Set<String>
    /// As digits: `99991663`, `1,000`, `0.75`.
    let numbers: Set<String>
    /// Targets of links and images.
    let links: Set<String>

    var description: String { text }

    private init(_ kind: Kind, _ text: String) {
        self.kind = kind
        guard kind != .code else {
            self.text = Self.withoutComments(text)
            (literals, numbers, links) = ([], [], [])
            return
        }
        self.text = text
        literals = Set(text.matches(of: /`([^`]+)`/).map { String($0.output.1) })
        let prose = text.replacing(/`[^`]+`/, with: "")
        links = Set(
            prose.matches(of: /\]\(([^)]+)\)|<([a-z]+:[^>]+)>/).map { String($0.output.1 ?? $0.output.2 ?? "") })
        numbers = Set(
            prose.replacing(/\]\([^)]+\)|<[a-z]+:[^>]+>/, with: "").matches(of: /[0-9]+(?:[.,][0-9]+)*/)
                .map { String($0.output) })
    }

    private static func withoutComments(_ code: String) -> String {
        code.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.replacing(/(^|\s+)(#|\/\/) .*$/, with: "") }.joined(separator: "\n")
    }

    /// The blocks of a text, in order.
    static func blocks(of text: String) -> [MarkdownBlock] {
        var blocks: [MarkdownBlock] = []
        var open: (kind: Kind, lines: [Substring])?
        func close() {
            if let block = open { blocks.append(MarkdownBlock(block.kind, block.lines.joined(separator: "\n"))) }
            open = nil
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let content = line.drop { $0 == " " }
            let isFence = content.hasPrefix("```")
            if open?.kind == .code {
                open?.lines.append(line)
                if isFence { close() }
                continue
            }
            if content.isEmpty {
                close()
            } else if let kind = Kind(startOf: content, after: open?.kind) {
                close()
                open = (kind, [line])
            } else {
                open = (open?.kind ?? .paragraph, (open?.lines ?? []) + [line])
            }
        }
        close()
        return blocks
    }
}

extension MarkdownBlock.Kind {
    /// The kind of block that a line begins, if it must begin one.
    fileprivate init?(startOf line: Substring, after open: Self?) {
        if line.hasPrefix("```") {
            self = .code
        } else if line.hasPrefix("|") {
            self = .row
        } else if let heading = line.prefixMatch(of: #/(#+) /#) {
            self = .heading(level: heading.output.1.count)
        } else if line.hasPrefix("- ") {
            self = .item
        } else if open != .paragraph, line.prefixMatch(of: #/[0-9]+\. /#) != nil {
            // In a paragraph a line may happen to begin with the number that ends a sentence.
            self = .item
        } else {
            return nil
        }
    }
}
