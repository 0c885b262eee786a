/// How a response shows messages.
struct MessageItemStyle: Sendable {
    var cards = CardForm.standard
    var users = UserIDType.openID
    /// Whether senders have their names (`with_sender_name`, which only the SDKs describe).
    var namesSenders = false
    /// What stands for the content of a recalled message; nil leaves the body out.
    var recalledContent: String?

    /// The content of a recalled message in lists ("List messages").
    static let recalledInLists = "This message was recalled"
}

extension MessageItemStyle {
    /// The style that a request asks for; nil if a parameter has a wrong value.
    init?(of request: IncomingRequest, recalledContent: String? = nil) {
        guard let cards = CardForm(rawValue: request.queryValue("card_msg_content_type") ?? ""),
            let users = UserIDType(rawValue: request.queryValue("user_id_type") ?? UserIDType.openID.rawValue)
        else { return nil }
        let namesSenders = request.queryValue("with_sender_name") == "true"
        self.init(cards: cards, users: users, namesSenders: namesSenders, recalledContent: recalledContent)
    }
}

extension StoredMessage {
    /// The message as an item of "Get message" and "List messages".
    func item(_ style: MessageItemStyle) -> JSONValue {
        var members: [String: JSONValue] = [
            "message_id": .text(id),
            "msg_type": .text(type),
            "create_time": .text(createTime),
            "update_time": .text(createTime),
            "deleted": .bool(isDeleted),
            "updated": .bool(isUpdated),
            "chat_id": .text(chatID),
            "sender": senderItem(style),
        ]
        for (name, value) in [
            "root_id": rootID, "parent_id": parentID, "thread_id": threadID, "upper_message_id": upperMessageID,
        ] {
            members[name] = value.map { .text($0) }
        }
        if let shown = isDeleted ? style.recalledContent : shownContent(style.cards) {
            members["body"] = ["content": .text(shown)]
        }
        if !mentions.isEmpty {
            members["mentions"] = .array(mentions.map { mentionItem($0, style.users) })
        }
        return .object(members)
    }

    private func senderItem(_ style: MessageItemStyle) -> JSONValue {
        let id = sender.id ?? ""
        var members: [String: JSONValue] = [
            "id": .text(sender.kind == .app ? id : style.users.identifier(ofOpenID: id)),
            "id_type": .text(sender.kind == .app ? "app_id" : style.users.rawValue),
            "sender_type": .text(sender.kind.rawValue),
            "tenant_key": .text(sender.tenantKey ?? tenantKey),
        ]
        if style.namesSenders {
            members["sender_name"] = sender.name.map { .text($0) }
        }
        return .object(members)
    }

    private func mentionItem(_ mention: MessageMention, _ users: UserIDType) -> JSONValue {
        [
            "key": .text(mention.key),
            "id": .text(users.identifier(ofOpenID: mention.id)),
            "id_type": .text(users.rawValue),
            "name": .text(mention.name),
            "tenant_key": .text(mention.tenantKey ?? tenantKey),
        ]
    }
}
