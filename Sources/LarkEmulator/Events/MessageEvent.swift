/// The two envelopes of events.
public enum EventSchema: String, Sendable, Hashable, Codable {
    /// The older one, in which a message has its keys beside its ids instead of a content.
    case first = "1.0"
    /// The current one.
    case second = "2.0"
}

/// The event "Receive message" (`im.message.receive_v1`).
struct MessageEvent: Sendable, Hashable {
    var schema: EventSchema
    var tenantKey: String
    /// The members of `event` that do not depend on the app.
    var members: [String: JSONValue]

    var type: String {
        switch schema {
        case .first: "message"
        case .second: "im.message.receive_v1"
        }
    }

    /// - Parameters:
    ///   - message: The message.
    ///   - chat: Its chat.
    ///   - schema: The envelope.
    ///   - emptiesContainers: Whether the content of a container is an empty text.
    init(_ message: StoredMessage, in chat: SeededChat.Kind, schema: EventSchema, emptiesContainers: Bool) {
        self.schema = schema
        tenantKey = message.tenantKey
        let content = message.isContainer && emptiesContainers ? "" : message.eventContent
        switch schema {
        case .first: members = message.firstEvent(in: chat)
        case .second: members = message.secondEvent(in: chat, content: content)
        }
    }
}

extension StoredMessage {
    /// The content in an event, which is JSON even for a container ("Message content").
    fileprivate var eventContent: String {
        if let card { return card.eventContent }
        guard isContainer, JSONValue(parsing: content) == nil else { return content }
        return JSONValue.serialize(["content": .text(content)] as JSONValue)
    }

    fileprivate func secondEvent(in chat: SeededChat.Kind, content: String) -> [String: JSONValue] {
        var message: [String: JSONValue] = [
            "message_id": .text(id),
            "create_time": .text(createTime),
            "update_time": .text(createTime),
            "chat_id": .text(chatID),
            "chat_type": .text(chat == .topic ? "topic_group" : chat.rawValue),
            "message_type": .text(type),
            "content": .text(content),
        ]
        for (name, value) in ["root_id": rootID, "parent_id": parentID, "thread_id": threadID] {
            message[name] = value.map { .text($0) }
        }
        if !mentions.isEmpty {
            message["mentions"] = .array(
                mentions.map { mention in
                    [
                        "key": .text(mention.key), "id": Self.identifiers(ofOpenID: mention.id),
                        "name": .text(mention.name), "tenant_key": .text(mention.tenantKey ?? tenantKey),
                    ]
                })
        }
        return [
            "sender": [
                "sender_id": Self.identifiers(ofOpenID: sender.kind == .user ? sender.id : nil),
                "sender_type": sender.kind == .app ? "bot" : "user",
                "tenant_key": .text(sender.tenantKey ?? tenantKey),
            ],
            "message": .object(message),
        ]
    }

    /// The identifiers of a user; the user_id is null, as for apps without its scope.
    private static func identifiers(ofOpenID openID: String?) -> JSONValue {
        [
            "open_id": openID.map { .text($0) } ?? .null,
            "union_id": openID.map { .text(UserIDType.unionID.identifier(ofOpenID: $0)) } ?? .null,
            "user_id": .null,
        ]
    }

    fileprivate func firstEvent(in chat: SeededChat.Kind) -> [String: JSONValue] {
        let openID = sender.kind == .user ? sender.id ?? "" : ""
        let ids: [String: JSONValue] = [
            "tenant_key": .text(tenantKey),
            "root_id": .text(rootID ?? ""),
            "parent_id": .text(parentID ?? ""),
            "open_chat_id": .text(chatID),
            "chat_type": chat == .p2p ? "private" : "group",
            "msg_type": .text(type),
            "open_message_id": .text(id),
            "open_id": .text(openID),
            "employee_id": .text(openID.isEmpty ? "" : UserIDType.userID.identifier(ofOpenID: openID)),
            "is_mention": .bool(!mentions.isEmpty),
        ]
        return ids.merging(firstContent) { $1 }
    }

    /// The content as members of the event: texts, and the keys of images and files.
    private var firstContent: [String: JSONValue] {
        let value = card?.user ?? JSONValue(parsing: content) ?? .null
        switch type {
        case "text":
            let text = value["text"] ?? ""
            return ["text": text, "text_without_at_bot": text]
        case "post":
            let images = ContentKeys(in: value).names.filter { $0.type == .image }
            let title = PostContent(value).title
            let lines = PostContent(value).lines.map { $0.compactMap { $0["text"]?.string }.joined() }
            return [
                "title": .text(title), "text": .text(lines.joined(separator: "\n")),
                "image_keys": .array(images.map { .text($0.key) }),
            ]
        default:
            guard case .object(let members) = value else { return [:] }
            return members.filter { ["image_key", "file_key", "file_name", "duration"].contains($0.key) }
        }
    }
}
