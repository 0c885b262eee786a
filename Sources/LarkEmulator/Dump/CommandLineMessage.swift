/// A message as the official command line prints it (larksuite/cli, `shortcuts/im/convert_lib`).
struct CommandLineMessage: Sendable {
    var message: StoredMessage
    /// The replies in the thread that it begins.
    var replies: [StoredMessage] = []
    /// Whether `resources` lists what was downloaded.
    var listsResources: Bool

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "message_id": .text(message.id),
            "msg_type": .text(message.type),
            "content": .text(CommandLineText(message).text),
            "sender": sender,
            "create_time": .text(CommandLineTime.local(message.createTime)),
            "deleted": .bool(message.isDeleted),
            "updated": .bool(message.isUpdated),
            "chat_id": .text(message.chatID),
        ]
        // Never both.
        if let threadID = message.threadID {
            members["thread_id"] = .text(threadID)
        } else if let parentID = message.parentID {
            members["reply_to"] = .text(parentID)
        }
        if !message.mentions.isEmpty {
            members["mentions"] = .array(
                message.mentions.map { ["key": .text($0.key), "id": .text($0.id), "name": .text($0.name)] })
        }
        if !replies.isEmpty {
            members["thread_replies"] = .array(
                replies.map { CommandLineMessage(message: $0, listsResources: listsResources).json })
        }
        if listsResources, !message.isDeleted {
            let resources = message.downloaded.map { resource in
                let name = resource.type == .image ? "\(resource.key).png" : resource.fileName ?? resource.key
                return [
                    "message_id": .text(message.id), "key": .text(resource.key),
                    "type": .text(resource.type.rawValue), "local_path": .text("lark-im-resources/\(name)"),
                    "size_bytes": .integer(resource.bytes.count),
                ] as JSONValue
            }
            if !resources.isEmpty { members["resources"] = .array(resources) }
        }
        return .object(members)
    }

    private var sender: JSONValue {
        let isApp = message.sender.kind == .app
        var members: [String: JSONValue] = [
            "id": .text(message.sender.id ?? ""),
            "id_type": isApp ? "app_id" : "open_id",
            "sender_type": .text(message.sender.kind.rawValue),
        ]
        members["name"] = message.sender.name.map { .text($0) }
        return .object(members)
    }
}

extension StoredMessage {
    /// What the command line downloads: images and files of messages and posts, of those in a container too; no
    /// covers, attachments of posts, stickers or cards.
    fileprivate var downloaded: [SeededMessage.Resource] {
        let own = resources.filter { !$0.isFolder }.map(\.resource)
        return switch type {
        case "image": own.filter { $0.type == .image }
        case "file", "audio", "video", "media": own.filter { $0.type == .file }
        case "post": own.filter { named(inPost: $0.key) }
        case Self.containerType: children.flatMap(\.downloaded)
        default: []
        }
    }

    private func named(inPost key: String) -> Bool {
        PostContent(JSONValue(parsing: content) ?? .null).lines.joined()
            .contains { element in
                switch element["tag"]?.string {
                case "img": element["image_key"]?.string == key
                case "media": element["file_key"]?.string == key
                default: false
                }
            }
    }
}
