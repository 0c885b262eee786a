import FoundationEssentials
import NIOCore

extension PlatformState {
    /// Stores a chat with its messages.
    mutating func seed(
        _ seeded: SeededChat, appID: String, tenantKey: String?
    ) -> (chat: StoredChat, messages: [StoredMessage]) {
        let id = seeded.chatID ?? Identifiers.chatID()
        var chat = chats[id] ?? StoredChat(id: id, tenantKey: tenantKey ?? ownTenantKey(of: appID))
        chat.kind = seeded.kind
        chat.isExternal = seeded.isExternal
        chat.isRestricted = seeded.isRestricted
        chat.historyStart = seeded.historyStart
        if seeded.hasBot {
            chat.botAppIDs.insert(appID)
        } else {
            chat.botAppIDs.remove(appID)
        }
        chats[id] = chat
        let messages = seeded.messages.map { message in
            var message = message
            message.chatID = id
            return seed(message, appID: appID, tenantKey: chat.tenantKey)
        }
        return (chat, messages)
    }

    /// Stores a message; a chat that does not exist yet becomes a group with the app's bot.
    mutating func seed(_ seeded: SeededMessage, appID: String, tenantKey: String?) -> StoredMessage {
        let tenantKey = tenantKey ?? ownTenantKey(of: appID)
        let message = stored(seeded, appID: appID, tenantKey: tenantKey, chatID: Identifiers.chatID(), upper: nil)
        if chats[message.chatID] == nil {
            chats[message.chatID] = StoredChat(id: message.chatID, tenantKey: tenantKey, botAppIDs: [appID])
        }
        messages[message.id] = message
        for child in message.descendants {
            containers[child.id] = message.id
        }
        return message
    }

    /// A seeded message with everything that it leaves to the platform.
    ///
    /// - Parameter chatID: The chat of a message that names none.
    private mutating func stored(
        _ seeded: SeededMessage, appID: String, tenantKey: String, chatID: String, upper: String?
    ) -> StoredMessage {
        seededMessages += 1
        let id = seeded.messageID ?? Identifiers.messageID()
        let type = seeded.derivedType
        let content = seeded.derivedContent(type: type)
        var sender = seeded.sender ?? MessageSender(.user)
        sender.id = sender.id ?? (sender.kind == .app ? appID : "ou_00000000000000000000000000000001")
        sender.tenantKey = sender.tenantKey ?? tenantKey
        var message = StoredMessage(
            id: id,
            tenantKey: tenantKey,
            chatID: seeded.chatID ?? chatID,
            threadID: seeded.threadID,
            rootID: seeded.rootID,
            parentID: seeded.parentID,
            upperMessageID: seeded.upperMessageID ?? upper,
            type: type,
            createTime: seeded.createTime ?? String(Int(clock.now.timeIntervalSince1970 * 1000)),
            sender: sender,
            content: content,
            card: seeded.card,
            isDeleted: seeded.isDeleted || seeded.accessDenial == .deleted,
            isUpdated: seeded.isUpdated,
            mentions: seeded.mentions,
            resources: resources(of: seeded, content: content),
            children: [],
            accessDenial: seeded.accessDenial,
            sequence: seededMessages
        )
        let origin = Identifiers.chatID()
        message.children = seeded.children.map {
            stored($0, appID: appID, tenantKey: tenantKey, chatID: origin, upper: id)
        }
        return message
    }

    /// The resources that a message was seeded with, and those that its content names.
    private func resources(of seeded: SeededMessage, content: String) -> [StoredMessage.Resource] {
        let names = ContentKeys(in: seeded.card?.user ?? JSONValue(parsing: content) ?? .null).names
        let named = names.map { name in
            let given = seeded.resources.first { $0.key == name.key && $0.type == name.type }
            var resource = given ?? SeededMessage.Resource(key: name.key, type: name.type, bytes: bytes(of: name))
            resource.fileName = resource.fileName ?? name.fileName
            return StoredMessage.Resource(resource: resource, isFolder: name.isFolder)
        }
        let others = seeded.resources.filter { given in
            !names.contains { $0.key == given.key && $0.type == given.type }
        }
        return named + others.map { StoredMessage.Resource(resource: $0) }
    }

    /// The bytes of an upload that a message contains, or generated ones.
    private func bytes(of name: ContentKeys.Name) -> [UInt8] {
        if name.type == .image, let image = images[name.key] { return Array(image.bytes.readableBytesView) }
        return PlaceholderResource.bytes(key: name.key, type: name.type)
    }
}

extension SeededMessage {
    fileprivate var derivedType: String {
        if let type { return type }
        if card != nil { return "interactive" }
        if !children.isEmpty { return StoredMessage.containerType }
        if let content {
            if content["file_key"] != nil { return content["image_key"] == nil ? "file" : "media" }
            if content["image_key"] != nil { return "image" }
            return content["content"] == nil ? "text" : "post"
        }
        guard let first = resources.first else { return "text" }
        return resources.count > 1 ? "post" : first.type.rawValue
    }

    /// The content as sent; without any, one that names the resources.
    fileprivate func derivedContent(type: String) -> String {
        switch content {
        case .text(let text)?: return text
        case let content?: return JSONValue.serialize(content)
        case nil: break
        }
        switch type {
        case StoredMessage.containerType:
            return "Merged and Forwarded Message"
        case "post":
            let lines = resources.map { [$0.postElement] as JSONValue }
            return JSONValue.serialize(["title": "", "content": .array(lines)] as JSONValue)
        default:
            let members = resources.first?.members ?? ["text": ""]
            return JSONValue.serialize(JSONValue.object(members))
        }
    }
}

extension SeededMessage.Resource {
    /// The members of a content that name it.
    fileprivate var members: [String: JSONValue] {
        switch type {
        case .image: ["image_key": .text(key)]
        case .file: ["file_key": .text(key), "file_name": .text(fileName ?? "file")]
        }
    }

    fileprivate var postElement: JSONValue {
        .object(members.merging(["tag": type == .image ? "img" : "media"]) { $1 })
    }
}
