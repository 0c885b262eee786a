import Synchronization

/// A chat, for ``Emulator/seedChat(_:appID:tenantKey:)``.
public struct SeededChat: Sendable, Hashable, Codable {
    /// The kind of chat.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// A user and the bot.
        case p2p
        /// A group.
        case group
        /// A group in which every message begins a thread.
        case topic
    }

    /// The chat_id; nil generates one.
    public var chatID: String?
    /// Private or group.
    public var kind = Kind.group
    /// Whether the app's bot is in it. Seeding the same chat for another app adds that app's bot.
    public var hasBot = true
    /// Whether it is an external group, and the app is not allowed for those.
    public var isExternal = false
    /// Whether it is in restricted mode.
    public var isRestricted = false
    /// Milliseconds since 1970; earlier messages are hidden from the bot, which joined later. Nil hides none.
    public var historyStart: Int?
    /// The messages in it, oldest first. Their ``SeededMessage/chatID`` is ignored.
    public var messages: [SeededMessage] = []

    private enum CodingKeys: String, CodingKey {
        case chatID = "chat_id"
        case kind = "chat_type"
        case hasBot = "bot"
        case isExternal = "external"
        case isRestricted = "restricted"
        case historyStart = "history_from"
        case messages
    }

    /// A group with the bot in it.
    public init(chatID: String? = nil, kind: Kind = .group, messages: [SeededMessage] = []) {
        self.chatID = chatID
        self.kind = kind
        self.messages = messages
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        chatID = try container.decodeIfPresent(String.self, forKey: .chatID)
        kind = try container.decodeIfPresent(Kind.self, forKey: .kind) ?? .group
        hasBot = try container.decodeIfPresent(Bool.self, forKey: .hasBot) ?? true
        isExternal = try container.decodeIfPresent(Bool.self, forKey: .isExternal) ?? false
        isRestricted = try container.decodeIfPresent(Bool.self, forKey: .isRestricted) ?? false
        historyStart = try container.decodeIfPresent(Int.self, forKey: .historyStart)
        messages = try container.decodeIfPresent([SeededMessage].self, forKey: .messages) ?? []
    }
}

/// A chat in a tenant.
struct StoredChat: Sendable {
    var id: String
    var tenantKey: String
    var kind = SeededChat.Kind.group
    /// The apps whose bots are in it.
    var botAppIDs: Set<String> = []
    var isExternal = false
    var isRestricted = false
    var historyStart: Int?

    /// Whether a message was sent before the bot may see any.
    func hides(_ message: StoredMessage) -> Bool {
        historyStart.map { message.milliseconds < Double($0) } ?? false
    }
}

extension Emulator {
    /// Adds a chat with its messages to a tenant, or messages to a chat that exists.
    ///
    /// - Returns: The chat_id, and the message_ids in order.
    @discardableResult
    public func seedChat(
        _ chat: SeededChat, appID: String, tenantKey: String? = nil
    ) -> (chatID: String, messageIDs: [String]) {
        platform.withLock { platform in
            let (stored, messages) = platform.seed(chat, appID: appID, tenantKey: tenantKey)
            return (stored.id, messages.map(\.id))
        }
    }
}
