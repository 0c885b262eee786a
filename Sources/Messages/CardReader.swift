import LarkAPI

/// Finds the keys in a card, in each of the forms that the platform returns (documents "Card JSON 1.0" and "2.0").
enum CardReader {
    /// What the platform shows for a card that the default form cannot represent.
    private static let upgradeNotice = "请升级至最新版本客户端"

    static func read(_ card: JSONValue, _ facts: MessageFacts, into collector: inout MessageCollector) {
        if let raw = card["json_card"]?.nonEmptyText {
            return readRaw(raw, attachment: card["json_attachment"], facts, into: &collector)
        }
        if let text = card["user_dsl"], text.isString, let document = try? JSONDocument(text.textBytes) {
            return collector.inside(text.path) { readTree(document.root, nil, facts, into: &$0) }
        }
        if let type = card["type"], card["data"] != nil, type.isEqual(to: "template") || type.isEqual(to: "card") {
            return collector.add(.cardTemplate, of: facts)
        }
        let count = collector.findings.resources.count
        readTree(card, nil, facts, into: &collector)
        if collector.findings.resources.count == count, hasUpgradeNotice(card["elements"]) {
            collector.add(.cardFallback, of: facts)
        }
    }

    /// The raw form: images are named by numbers, which an attachment explains.
    private static func readRaw(
        _ text: String, attachment: JSONValue?, _ facts: MessageFacts, into collector: inout MessageCollector
    ) {
        guard let card = try? JSONDocument(Array(text.utf8)) else { return }
        let inner = attachment.flatMap { $0.isString ? try? JSONDocument($0.textBytes) : nil }
        let images = (inner?.root ?? attachment)?["images"]
        collector.inside("json_card") { readTree(card.root, images, facts, into: &$0) }
        // Also those that the card does not name by a number, as the ones in Markdown.
        collector.inside("json_attachment") { collector in
            images?.forEachMember { collector.addKey($1["origin_key"], .image, facts) }
        }
    }

    private static func readTree(
        _ value: JSONValue, _ images: JSONValue?, _ facts: MessageFacts, into collector: inout MessageCollector
    ) {
        value.forEachElement { readTree($0, images, facts, into: &collector) }
        guard value.isObject else { return }
        collector.addKey(value["image_key"], .image, facts)
        collector.addKey(value["img_key"], .image, facts)
        collector.addKey(value["file_key"], .file, facts)
        collector.addKey(value["fileID"], .file, facts)
        if let id = value["imageID"], let key = image(id, in: images) {
            collector.addKey(key, .image, facts, path: { id.path })
        }
        if let tag = value["tag"], ["markdown", "lark_md", "md"].contains(tag.text) {
            collector.addMarkdown(value["content"], facts)
            collector.addMarkdown(value["text"], facts)
        }
        value.forEachMember { readTree($1, images, facts, into: &collector) }
    }

    /// The key of an image by its number. Its `token` is no key.
    private static func image(_ id: JSONValue, in images: JSONValue?) -> String? {
        let number = id.text
        var key: String?
        images?
            .forEachMember { name, image in
                if name.text == number { key = image["origin_key"]?.nonEmptyText }
            }
        return key
    }

    private static func hasUpgradeNotice(_ elements: JSONValue?) -> Bool {
        guard let elements else { return false }
        var isFound = elements["text"]?.text.contains(upgradeNotice) == true
        elements.forEachElement { isFound = isFound || hasUpgradeNotice($0) }
        return isFound
    }
}
