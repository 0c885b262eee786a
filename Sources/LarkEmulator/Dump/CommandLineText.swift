/// The content of a message as the official command line renders it (larksuite/cli, `internal/imcontent`): text in
/// which keys are marked. It cannot be told from text that a user wrote.
struct CommandLineText: Sendable {
    private let message: StoredMessage
    private let content: JSONValue

    init(_ message: StoredMessage) {
        self.message = message
        // The list gives a fixed text for a recalled message, which is not JSON.
        content = message.isDeleted ? .null : JSONValue(parsing: message.content) ?? .null
    }

    /// The names of the types whose content has to be JSON.
    private static let kinds = [
        "text": "text", "post": "rich text", "image": "image", "file": "file", "audio": "audio", "media": "video",
        // check: allowed, the platform's word
        "video": "video", "folder": "folder",
    ]

    var text: String {
        if message.isContainer { return message.isDeleted ? "[Merged forward]" : forwarded }
        if content == .null, let kind = Self.kinds[message.type] { return "[Invalid \(kind) JSON]" }
        switch message.type {
        case "text": return mentioned(content["text"]?.string ?? message.content)
        case "post": return post
        case "image": return content["image_key"]?.string.map { "[Image: \($0)]" } ?? "[Image]"
        case "file": return element("file", [("name", fileName)]) ?? "[File]"
        case "audio": return element("audio", [("duration", duration)]) ?? "[Voice]"
        case "media", "video":
            let attributes = [
                ("name", fileName), ("duration", duration), ("cover_image_key", content["image_key"]?.string),
            ]
            return element("video", attributes) ?? "[Video]"
        // check: allowed, the platform's word
        case "folder": return element("folder", [("name", content["file_name"]?.string)]) ?? "[Folder]"
        case "sticker": return "[Sticker]"
        case "interactive":
            guard let card = message.card, !message.isDeleted else { return "[interactive card]" }
            return Self.text(of: card)
        default: return "[\(message.type)]"
        }
    }

    private var fileName: String? {
        content["file_name"]?.string ?? content["file_key"]?.string
    }

    private var duration: String? {
        content["duration"]?.int.map { "\($0 / 1000)s" }
    }

    private func mentioned(_ text: String) -> String {
        message.mentions.reduce(text) { $0.replacing($1.key, with: "@\($1.name)") }
    }

    // MARK: Posts

    private var post: String {
        let body = PostContent(content)
        let lines = (body.title.isEmpty ? [] : [body.title]) + body.lines.map { $0.map(Self.inline).joined() }
        let files = (content["files"]?.elements ?? [])
            .compactMap { file in
                Self.element(
                    // check: allowed, the platform's word
                    file["is_folder"] == .bool(true) ? "folder" : "file", key: file["file_key"]?.string,
                    [("name", file["file_name"]?.string)])
            }
        let text = mentioned(lines.joined(separator: "\n"))
        return ([text.isEmpty ? "[Rich text message]" : text] + files).joined(separator: "\n")
    }

    private static func inline(_ element: JSONValue) -> String {
        let text = element["text"]?.string ?? ""
        return switch element["tag"]?.string {
        case "img": element["image_key"]?.string.map { "![Image](\($0))" } ?? "[Image]"
        case "media": element["file_key"]?.string.map { "[Media: \($0)]" } ?? "[Media]"
        case "at": "@\(element["user_name"]?.string ?? element["user_id"]?.string ?? "")"
        case "a": element["href"]?.string.map { text.isEmpty ? $0 : "[\(text)](\($0))" } ?? text
        default: text
        }
    }

    // MARK: Elements with attributes

    private func element(_ name: String, _ attributes: [(String, String?)]) -> String? {
        Self.element(name, key: content["file_key"]?.string, attributes)
    }

    private static func element(_ name: String, key: String?, _ attributes: [(String, String?)]) -> String? {
        guard let key else { return nil }
        let pairs = [("key", key)] + attributes.compactMap { name, value in value.map { (name, $0) } }
        return "<\(name)" + pairs.map { " \($0)=\"\(escaped($1))\"" }.joined() + "/>"
    }

    private static func escaped(_ text: String) -> String {
        [("\\", "\\\\"), ("\"", "\\\""), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")]
            .reduce(text) { $0.replacing($1.0, with: $1.1) }
    }

    // MARK: Containers and cards

    private var forwarded: String {
        guard !message.children.isEmpty else { return "<forwarded_messages/>" }
        let lines = message.children.map { child in
            let head =
                "[\(CommandLineTime.zoned(child.createTime))] \(child.sender.name ?? child.sender.id ?? "unknown"):"
            let body = CommandLineText(child).text.split(separator: "\n", omittingEmptySubsequences: false)
            return ([head] + body.map { "    \($0)" }).joined(separator: "\n")
        }
        return (["<forwarded_messages>"] + lines + ["</forwarded_messages>"]).joined(separator: "\n")
    }

    private static func text(of card: SeededCard) -> String {
        let title = card.user["header"]?["title"]?["content"]?.string.map { " title=\"\(escaped($0))\"" } ?? ""
        let body = card.elements.flatMap(lines(of:))
        return (["<card\(title)>"] + body + ["</card>"]).joined(separator: "\n")
    }

    private static func lines(of element: JSONValue) -> [String] {
        if let key = element["img_key"]?.string {
            let title = element["title"]?["content"] ?? element["alt"]?["content"]
            return ["🖼️ \(title?.string ?? "Image")(img_key:\(key))"]
        }
        if let key = element["file_key"]?.string {
            return [element["tag"] == "audio" ? "🎵 Audio(key:\(key))" : "🎬 Video(key:\(key))"]
        }
        if let images = element["img_list"]?.elements {
            let keys = images.compactMap { $0["img_key"]?.string }
            return ["🖼️ \(keys.count) image(s)(keys:\(keys.joined(separator: ",")))"]
        }
        if let text = element["content"]?.string { return [text] }
        let parts = [element["text"], element["extra"]].compactMap { $0 }
        return (parts + ["elements", "columns", "actions"].flatMap { element[$0]?.elements ?? [] })
            .flatMap(lines(of:))
    }
}
