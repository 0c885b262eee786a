import LarkAPI

/// Collects what messages contain, each key of a message once.
struct MessageCollector {
    private struct Found: Hashable {
        let key: String
        let type: ImageReference.ResourceType
        let owner: MessageID?
    }

    private(set) var findings = MessageFindings()
    private var found: Set<Found> = []
    /// Where the content that is read is in its message.
    private var prefix = ""

    mutating func add(_ reason: MessageNote.Reason, of message: MessageFacts) {
        findings.notes.append(MessageNote(reason: reason, message: message))
    }

    mutating func countMessage() { findings.messages += 1 }

    /// Adds the key in a member, if there is one. A key in a card may be a variable of its template.
    mutating func addKey(
        _ value: JSONValue?, _ type: ImageReference.ResourceType, _ facts: MessageFacts, fileName: JSONValue? = nil
    ) {
        guard let value, let text = value.nonEmptyText else { return }
        addKey(text, type, facts, path: { value.path }, fileName: fileName?.nonEmptyText)
    }

    mutating func addKey(
        _ text: String, _ type: ImageReference.ResourceType, _ facts: MessageFacts, owner: MessageID? = nil,
        path: () -> String, fileName: String? = nil
    ) {
        guard let key = try? ResourceKey(text) else {
            // Variables of templates, and addresses, are no keys, and no mistakes.
            if !text.contains("${"), !text.contains("://") { add(.invalidKey(text), of: facts) }
            return
        }
        let owner = owner ?? facts.container ?? facts.id
        guard found.insert(Found(key: text, type: type, owner: owner)).inserted else { return }
        let path = path()
        findings.resources.append(
            FoundResource(
                key: key, type: type, owner: owner,
                path: prefix.isEmpty ? path : path.isEmpty ? prefix : "\(prefix).\(path)", fileName: fileName,
                message: facts))
    }

    /// Adds the images in Markdown: `![alt](img_…)`, but not in code.
    mutating func addMarkdown(_ value: JSONValue?, _ facts: MessageFacts) {
        guard let value, value.isString else { return }
        for key in MarkdownImages.keys(in: value.textBytes) { addKey(key, .image, facts, path: { value.path }) }
    }

    /// Adds the content of a message: JSON in a string, that encoded once more, an object, or rendered text.
    mutating func addContent(_ content: JSONValue?, type: JSONValue?, _ facts: MessageFacts) {
        countMessage()
        guard let content, let type = type?.nonEmptyText else { return }
        if content.isObject { return ContentReader.read(content, type: type, facts, into: &self) }
        guard content.isString else { return }
        let place = content.path
        inside(place) { collector in
            if let document = Self.document(in: content.textBytes) {
                ContentReader.read(document.root, type: type, facts, into: &collector)
            } else {
                ContentReader.readRendered(content.textBytes, type: type, facts, into: &collector)
            }
        }
    }

    /// Adds content without its message.
    mutating func addBareContent(_ content: JSONValue, _ facts: MessageFacts) {
        guard let type = ContentReader.type(ofBare: content) else { return }
        countMessage()
        ContentReader.read(content, type: type, facts, into: &self)
    }

    /// Adds an element of the `resources` that lark-cli lists with a message.
    mutating func addToolResource(_ resource: JSONValue, _ facts: MessageFacts) {
        guard let key = resource["key"], let text = key.nonEmptyText else { return }
        let type: ImageReference.ResourceType = resource["type"]?.isEqual(to: "image") == true ? .image : .file
        addKey(
            text, type, facts, owner: resource["message_id"].flatMap { try? MessageID($0.text) }, path: { key.path },
            fileName: (resource["file_name"] ?? resource["name"])?.nonEmptyText)
    }

    /// Reads a text inside of a text.
    mutating func inside(_ place: String, _ body: (inout MessageCollector) -> Void) {
        let outer = prefix
        prefix = outer.isEmpty ? place : place.isEmpty ? outer : "\(outer).\(place)"
        body(&self)
        prefix = outer
    }

    /// The JSON in a string, which may be encoded twice.
    static func document(in bytes: [UInt8]) -> JSONDocument? {
        guard let first = bytes.first(where: { $0 > 0x20 }), [0x7B, 0x5B, 0x22].contains(first),
            let document = try? JSONDocument(bytes)
        else { return nil }
        guard document.root.isString else { return document }
        guard let inner = try? JSONDocument(document.root.textBytes), inner.root.isObject else { return nil }
        return inner
    }
}
