/// The body of a post, which may be wrapped in languages.
struct PostContent: Sendable {
    var title: String
    /// The elements line by line; Markdown in place of plain elements if there is some.
    var lines: [[JSONValue]]

    init(_ content: JSONValue) {
        var body = content
        if content["content"] == nil, content["content_v2"] == nil, content["title"] == nil,
            case .object(let languages) = content
        {
            let bodies = languages.filter { $0.key != "files" }
            body =
                ["zh_cn", "en_us", "ja_jp"].lazy.compactMap { bodies[$0] }.first ?? bodies.min { $0.key < $1.key }?
                .value
                ?? .null
        }
        title = body["title"]?.string ?? ""
        let markdown = body["content_v2"]?.elements ?? []
        lines = (markdown.isEmpty ? body["content"]?.elements ?? [] : markdown).map { $0.elements ?? [] }
    }
}
