extension PlatformState {
    /// "Get message": the message, and all messages in it if it is a container.
    func messageResponse(
        _ id: String, _ caller: Principal, _ request: IncomingRequest
    ) throws(PlatformError) -> Response {
        guard let style = MessageItemStyle(of: request), Self.isWellFormed(key: id) else { throw .code(230001) }
        guard caller.app.hasBot else { throw .code(230006) }
        return Self.listResponse(try items(of: id, caller, style))
    }

    /// A message as "Get message" shows it, with all messages in it.
    func items(
        of id: String, _ caller: Principal, _ style: MessageItemStyle
    ) throws(PlatformError) -> [JSONValue] {
        guard let found = message(id, tenantKey: caller.tenantKey) else { throw .code(230001) }
        if let code = refusalCode(of: found, for: caller) { throw .code(code) }
        var container = found.message
        if found.isForwarded {
            // Asked for by its own id, a forwarded message does not show where it was forwarded to.
            container.upperMessageID = nil
        }
        return withContained(container).map { $0.item(style) }
    }

    /// A message and, unless it was recalled, all messages in it.
    func withContained(_ message: StoredMessage) -> [StoredMessage] {
        let children = message.isDeleted ? [] : message.descendants
        return behaviour.sendsContainersLast ? children + [message] : [message] + children
    }

    private func refusalCode(of found: FoundMessage, for caller: Principal) -> Int? {
        let chat = chats[found.message.chatID]
        // The origin of a forwarded message is as a rule a chat that the bot is not in.
        if chat == nil { return 230002 }
        switch obstacle(to: found, for: caller) {
        case .deleted?:
            if behaviour.refusesRecalledMessages { return 230110 }
        case let obstacle?:
            if let code = obstacle.messageCode { return code }
        case nil:
            break
        }
        if let chat, !Self.mayRead(chat, caller.app) { return 230027 }
        return nil
    }

    /// Whether an app may read a chat: groups need a scope of their own.
    static func mayRead(_ chat: StoredChat, _ app: EmulatedApp) -> Bool {
        chat.kind == .p2p || app.scopes.contains("im:message.group_msg")
    }

    /// A response with items, as all APIs of messages send them.
    static func listResponse(_ items: [JSONValue], _ members: [String: JSONValue] = [:]) -> Response {
        let data = members.merging(["items": .array(items)]) { $1 }
        return .json(["code": 0, "msg": "success", "data": .object(data)])
    }
}
