extension PlatformState {
    /// A message that a request names.
    struct FoundMessage {
        var message: StoredMessage
        /// Whether it is known only from the container that it was forwarded in.
        var isForwarded: Bool
    }

    /// The message with an id in a tenant: one of a chat, or else a forwarded one.
    func message(_ id: String, tenantKey: String) -> FoundMessage? {
        if let message = messages[id] {
            return message.tenantKey == tenantKey ? FoundMessage(message: message, isForwarded: false) : nil
        }
        guard let container = containers[id].flatMap({ messages[$0] }), container.tenantKey == tenantKey,
            let child = container.descendants.first(where: { $0.id == id })
        else { return nil }
        return FoundMessage(message: child, isForwarded: true)
    }

    /// What keeps a caller from a message. A forwarded message is in a chat that may not be known.
    func obstacle(to found: FoundMessage, for caller: Principal) -> MessageObstacle? {
        let chat = chats[found.message.chatID]
        if let chat, !chat.botAppIDs.contains(caller.app.appID) { return .appNotInChat }
        if let chat, chat.isExternal { return .externalGroup }
        if let chat, chat.hides(found.message) { return .invisible }
        if let denial = found.message.accessDenial { return MessageObstacle(denial) }
        if found.message.isDeleted { return .deleted }
        return chat?.isRestricted == true ? .restricted : nil
    }
}

/// Why the platform refuses a message or its resources; each API has a code of its own for it.
enum MessageObstacle: Sendable {
    case appNotInChat
    case deleted
    case externalGroup
    case tenantCheckFails
    case tooLarge
    case restricted
    case invisible
    case unsupportedType

    init(_ denial: SeededMessage.AccessDenial) {
        self =
            switch denial {
            case .appNotInChat: .appNotInChat
            case .deleted: .deleted
            case .externalGroup: .externalGroup
            case .tenantCheckFails: .tenantCheckFails
            case .tooLarge: .tooLarge
            case .restricted: .restricted
            case .invisible: .invisible
            case .unsupportedType: .unsupportedType
            }
    }

    /// The code of "Obtain resource files in messages".
    var resourceCode: Int {
        switch self {
        case .appNotInChat: 234004
        case .deleted: 230110
        case .externalGroup: 234009
        case .tenantCheckFails: 234019
        case .tooLarge: 234037
        case .restricted: 234038
        case .invisible: 234040
        case .unsupportedType: 234043
        }
    }

    /// The code of "Get message"; nil if the obstacle is only one to resources.
    var messageCode: Int? {
        switch self {
        case .appNotInChat: 230002
        case .deleted: 230110
        case .externalGroup: 230027
        case .invisible: 230050
        case .tenantCheckFails, .tooLarge, .restricted, .unsupportedType: nil
        }
    }
}
