import Synchronization

/// A message, for ``Emulator/seedMessage(_:appID:tenantKey:)`` and ``SeededChat``.
///
/// Whatever the content, the card or a child names as an image or a file can be downloaded; ``resources`` gives the
/// bytes of those, and adds others.
public struct SeededMessage: Sendable, Hashable, Codable {
    /// Why the resources of a message cannot be downloaded.
    public enum AccessDenial: String, Sendable, Hashable, Codable, CaseIterable {
        /// 230110
        case deleted
        /// 234004
        case appNotInChat = "app_not_in_chat"
        /// 234009
        case externalGroup = "external_group"
        /// 234019
        case tenantCheckFails = "tenant_check_fails"
        /// 234037
        case tooLarge = "too_large"
        /// 234038
        case restricted
        /// 234040
        case invisible
        /// 234043, as for cards, stickers and forwarded messages
        case unsupportedType = "unsupported_type"
    }

    /// The message_id; nil generates one.
    public var messageID: String?
    /// The chat_id; nil puts the message into a group of its own, and a child into a chat that the bot is not in.
    public var chatID: String?
    /// The thread that it belongs to; the message of a thread without ``rootID`` is the thread's first.
    public var threadID: String?
    /// The first message of the chain of replies.
    public var rootID: String?
    /// The message that it replies to.
    public var parentID: String?
    /// The container that it was forwarded in; nil takes the one whose child it is.
    public var upperMessageID: String?
    /// The `msg_type`, for example `post`; nil derives it from the content, the card, the children or the resources.
    public var type: String?
    /// Milliseconds since 1970, sent as they are; nil takes the virtual time.
    public var createTime: String?
    /// The sender; nil is a user of the tenant.
    public var sender: MessageSender?
    /// The content: a text is sent as it is, anything else as its JSON. Nil derives it from the resources.
    public var content: JSONValue?
    /// The card of an `interactive` message, as its sender wrote it; it replaces ``content``.
    public var card: SeededCard?
    /// Whether it was recalled.
    public var isDeleted: Bool
    /// Whether it was edited.
    public var isUpdated: Bool
    /// The users that it mentions.
    public var mentions: [MessageMention]
    /// The bytes of its images and files.
    public var resources: [Resource]
    /// The messages that a `merge_forward` contains, which may be containers too.
    public var children: [SeededMessage]
    /// Why its resources cannot be downloaded; nil if they can.
    public var accessDenial: AccessDenial?

    private enum CodingKeys: String, CodingKey {
        case messageID = "message_id"
        case chatID = "chat_id"
        case threadID = "thread_id"
        case rootID = "root_id"
        case parentID = "parent_id"
        case upperMessageID = "upper_message_id"
        case type = "msg_type"
        case createTime = "create_time"
        case sender
        case content
        case card
        case isDeleted = "deleted"
        case isUpdated = "updated"
        case mentions
        case resources
        case children
        case accessDenial = "obstacle"
    }

    /// A message with its resources.
    public init(messageID: String? = nil, resources: [Resource], accessDenial: AccessDenial? = nil) {
        self.init(messageID: messageID)
        self.resources = resources
        self.accessDenial = accessDenial
    }

    /// A message of a type with its content.
    ///
    /// - Parameters:
    ///   - messageID: The message_id; nil generates one.
    ///   - chatID: The chat_id; nil puts it into a group of its own.
    ///   - type: The `msg_type`; nil derives it.
    ///   - content: The content: a text is sent as it is, anything else as its JSON.
    public init(
        messageID: String? = nil, chatID: String? = nil, type: String? = nil, content: JSONValue? = nil
    ) {
        self.messageID = messageID
        self.chatID = chatID
        self.type = type
        self.content = content
        isDeleted = false
        isUpdated = false
        mentions = []
        resources = []
        children = []
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        messageID = try container.decodeIfPresent(String.self, forKey: .messageID)
        chatID = try container.decodeIfPresent(String.self, forKey: .chatID)
        threadID = try container.decodeIfPresent(String.self, forKey: .threadID)
        rootID = try container.decodeIfPresent(String.self, forKey: .rootID)
        parentID = try container.decodeIfPresent(String.self, forKey: .parentID)
        upperMessageID = try container.decodeIfPresent(String.self, forKey: .upperMessageID)
        type = try container.decodeIfPresent(String.self, forKey: .type)
        createTime = try container.decodeIfPresent(String.self, forKey: .createTime)
        sender = try container.decodeIfPresent(MessageSender.self, forKey: .sender)
        content = try container.decodeIfPresent(JSONValue.self, forKey: .content)
        card = try container.decodeIfPresent(SeededCard.self, forKey: .card)
        isDeleted = try container.decodeIfPresent(Bool.self, forKey: .isDeleted) ?? false
        isUpdated = try container.decodeIfPresent(Bool.self, forKey: .isUpdated) ?? false
        mentions = try container.decodeIfPresent([MessageMention].self, forKey: .mentions) ?? []
        resources = try container.decodeIfPresent([Resource].self, forKey: .resources) ?? []
        children = try container.decodeIfPresent([SeededMessage].self, forKey: .children) ?? []
        accessDenial = try container.decodeIfPresent(AccessDenial.self, forKey: .accessDenial)
    }
}

extension Emulator {
    /// Adds a message to a tenant.
    ///
    /// - Returns: The message_id.
    @discardableResult
    public func seedMessage(_ message: SeededMessage, appID: String, tenantKey: String? = nil) -> String {
        platform.withLock { $0.seed(message, appID: appID, tenantKey: tenantKey).id }
    }
}
