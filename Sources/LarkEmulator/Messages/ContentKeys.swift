/// The images and files that the content of a message names.
struct ContentKeys: Sendable {
    /// An image or file that a content names.
    struct Name: Sendable, Hashable {
        var key: String
        var type: SeededMessage.ResourceType
        var fileName: String?
        var isFolder = false
    }

    private(set) var names: [Name] = []

    /// The keys in a content or a card, each once. Members are read in alphabetical order.
    init(in content: JSONValue) {
        collect(content)
    }

    private mutating func collect(_ value: JSONValue) {
        switch value {
        case .null, .bool, .integer, .number, .text:
            break
        case .array(let elements):
            for element in elements { collect(element) }
        case .object(let members):
            for name in ["image_key", "img_key"] {
                add(members[name]?.string, .image)
            }
            add(
                members["file_key"]?.string, .file, fileName: members["file_name"]?.string,
                // check: allowed, the platform's word
                isFolder: members["is_folder"] == .bool(true))
            for key in Self.markdownImages(in: value) {
                add(key, .image)
            }
            for (_, member) in members.sorted(by: { $0.key < $1.key }) {
                collect(member)
            }
        }
    }

    private mutating func add(
        _ key: String?, _ type: SeededMessage.ResourceType, fileName: String? = nil, isFolder: Bool = false
    ) {
        // What is not well-formed is no key but, for example, a variable of a card template.
        guard let key, PlatformState.isWellFormed(key: key),
            !names.contains(where: { $0.key == key && $0.type == type })
        else { return }
        names.append(Name(key: key, type: type, fileName: fileName, isFolder: isFolder))
    }

    /// The image keys in a Markdown element of a post or card, outside code.
    static func markdownImages(in element: JSONValue) -> [String] {
        guard let tag = element["tag"]?.string, ["md", "markdown", "lark_md"].contains(tag),
            let text = (element["content"] ?? element["text"])?.string
        else { return [] }
        return text.replacing(/```(?:.|\n)*?(?:```|$)/, with: "").replacing(/`[^`\n]*`/, with: "")
            .matches(of: /!\[[^\]]*\]\((img_[A-Za-z0-9_\-]+)\)/).map { String($0.output.1) }
    }

    /// A Markdown text without its images.
    static func withoutMarkdownImages(_ text: String) -> String {
        text.replacing(/!\[[^\]]*\]\(img_[A-Za-z0-9_\-]+\)/, with: "")
    }
}
