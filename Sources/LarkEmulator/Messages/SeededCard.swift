/// The card of an `interactive` message, as its sender wrote it ("Card JSON 1.0" and "2.0").
public struct SeededCard: Sendable, Hashable, Codable {
    /// How `json_attachment` is written in `raw_card_content`; both were observed.
    public enum AttachmentForm: String, Sendable, Hashable, Codable {
        /// As JSON in a string.
        case string
        /// As an object.
        case object
    }

    /// The card: `elements`, or `schema` and `body`.
    public var user: JSONValue
    /// The form of the attachment with the image keys.
    public var attachment: AttachmentForm

    private enum CodingKeys: String, CodingKey {
        case user
        case attachment
    }

    /// A card.
    public init(_ user: JSONValue, attachment: AttachmentForm = .string) {
        self.user = user
        self.attachment = attachment
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        user = try container.decode(JSONValue.self, forKey: .user)
        attachment = try container.decodeIfPresent(AttachmentForm.self, forKey: .attachment) ?? .string
    }
}

/// The form in which a response shows cards (`card_msg_content_type`).
enum CardForm: String, Sendable {
    /// Without the parameter: a simplified card, which the platform makes of cards 1.0 only.
    case standard = ""
    /// As its sender wrote it.
    case user = "user_card_content"
    /// As the platform stores it; undocumented.
    case raw = "raw_card_content"
}

extension SeededCard {
    /// What clients show that do not know cards 2.0; the platform's standard form of those is only this line.
    static let upgradeNotice = "请升级至最新版本客户端，以查看内容"

    /// The content of the message in a form.
    func content(_ form: CardForm) -> String {
        switch form {
        case .standard: JSONValue.serialize(standardContent)
        case .user: JSONValue.serialize(user)
        case .raw: JSONValue.serialize(RawCard(self).content)
        }
    }

    /// The content in an event: the standard form, and the card itself as `user_dsl`.
    var eventContent: String {
        JSONValue.serialize(standardContent.merged(with: ["user_dsl": .text(JSONValue.serialize(user))]))
    }

    /// Whether it is a card 2.0.
    var isSecondVersion: Bool {
        user["schema"]?.string == "2.0"
    }

    private var standardContent: JSONValue {
        guard !isSecondVersion else {
            return ["title": .null, "elements": [[["tag": "text", "text": .text(Self.upgradeNotice)]]]]
        }
        return [
            "title": user["header"]?["title"]?["content"] ?? .null,
            "elements": .array(elements.map { .array(Self.inline($0)) }),
        ]
    }

    /// The elements of the body; of those by language the first in alphabetical order.
    var elements: [JSONValue] {
        if let elements = (user["body"]?["elements"] ?? user["elements"])?.elements { return elements }
        guard case .object(let languages)? = user["i18n_elements"] else { return [] }
        return languages.min { $0.key < $1.key }?.value.elements ?? []
    }

    /// An element of the body as a line of the standard form; columns and forms are flattened.
    private static func inline(_ element: JSONValue) -> [JSONValue] {
        switch element["tag"]?.string {
        case "img":
            [["tag": "img", "image_key": element["img_key"] ?? .null]]
        case "img_combination":
            (element["img_list"]?.elements ?? []).map { ["tag": "img", "image_key": $0["img_key"] ?? .null] }
        case "note":
            [["tag": "note", "elements": .array((element["elements"]?.elements ?? []).flatMap(inline))]]
        case "hr":
            [["tag": "hr"]]
        case "button":
            [["tag": "button", "text": element["text"]?["content"] ?? "", "type": element["type"] ?? "default"]]
        case "div":
            [element["text"], element["extra"]].compactMap { $0 }.flatMap(inline)
        default:
            if let text = element["content"]?.string {
                [["tag": "text", "text": .text(text)]]
            } else {
                ["elements", "columns", "actions"].flatMap { element[$0]?.elements ?? [] }.flatMap(inline)
            }
        }
    }
}

extension JSONValue {
    /// The elements of a list, or nil.
    var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }
}
