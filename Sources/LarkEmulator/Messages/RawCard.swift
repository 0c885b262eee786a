/// A card as the platform stores it (`raw_card_content`): elements have their members under `property`, and images are
/// numbered; the keys of the numbers are in an attachment. Undocumented; as the official command line reads it.
struct RawCard {
    private static let names = ["img_list": "imgList", "file_key": "fileID"]

    private var imageKeys: [String] = []
    private(set) var content = JSONValue.null

    init(_ card: SeededCard) {
        var members: [String: JSONValue] = ["schema": "2.0"]
        if let header = card.user["header"] {
            members["header"] = ["property": stored(header)]
        }
        members["body"] = ["property": ["elements": .array(card.elements.map { stored($0) })]]
        let attachment: JSONValue = ["images": .object(images)]
        content = [
            "json_card": .text(JSONValue.serialize(JSONValue.object(members))),
            "json_attachment": card.attachment == .object ? attachment : .text(JSONValue.serialize(attachment)),
            "card_schema": card.isSecondVersion ? 2 : 1,
        ]
    }

    private var images: [String: JSONValue] {
        let pairs = imageKeys.enumerated()
            .map { index, key in
                (String(index + 1), ["origin_key": .text(key), "token": .text("tok_\(index + 1)")] as JSONValue)
            }
        return Dictionary(pairs) { $1 }
    }

    /// The number of an image, the same for the same key.
    private mutating func number(of imageKey: String) -> JSONValue {
        if let index = imageKeys.firstIndex(of: imageKey) { return .text(String(index + 1)) }
        imageKeys.append(imageKey)
        return .text(String(imageKeys.count))
    }

    private mutating func stored(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .integer, .number, .text:
            return value
        case .array(let elements):
            return .array(elements.map { stored($0) })
        case .object(let members):
            var property: [String: JSONValue] = [:]
            for (name, member) in members.sorted(by: { $0.key < $1.key }) where name != "tag" {
                if name == "img_key", let key = member.string {
                    property["imageID"] = number(of: key)
                } else {
                    property[Self.names[name] ?? name] = stored(member)
                }
            }
            guard let tag = members["tag"] else { return .object(property) }
            let pictures = ContentKeys.markdownImages(in: value)
            if !pictures.isEmpty {
                let text = ContentKeys.withoutMarkdownImages(members["content"]?.string ?? "")
                property["content"] = nil
                property["elements"] = .array(
                    [["tag": "plain_text", "property": ["content": .text(text)]]]
                        + pictures.map { ["tag": "img", "property": ["imageID": number(of: $0)]] })
            }
            return ["tag": tag, "property": .object(property)]
        }
    }
}
