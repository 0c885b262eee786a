package import LarkAPI

/// An image or a file that a message contains.
package struct FoundResource: Sendable, Hashable {
    package let key: ResourceKey
    package let type: ImageReference.ResourceType
    /// The message to name in the request; nil where none is known, as for content without its message.
    package let owner: MessageID?
    /// Where it was found: `event.message.content.image_key`.
    package let path: String
    /// The name that its sender gave to a file. Any member of a chat can choose it.
    package let fileName: String?
    /// The message that it was found in.
    package let message: MessageFacts

    /// What a download names.
    package var reference: ImageReference {
        owner.map { .messageResource($0, key, type) } ?? .image(key)
    }
}

/// What a message says about itself. Everything may be missing.
package struct MessageFacts: Sendable, Hashable {
    /// The app that received the event, and the tenant it was received in.
    package var appID: AppID?
    package var tenantKey: TenantKey?
    package var id: MessageID?
    /// The topmost message of a bundle that this one was forwarded in.
    package var container: MessageID?
    /// The message that this one replies to, and the first of that chain.
    package var parent: MessageID?
    package var root: MessageID?
    package var thread: String?
    package var chat: String?
    package var sender: String?
    /// Milliseconds since 1970, as the platform wrote them.
    package var createdAt: Int64?

    package init() {}
}

/// Something in a message that cannot be downloaded, or input that holds no message.
package struct MessageNote: Sendable, Hashable, CustomStringConvertible {
    /// Why there is nothing to download.
    package enum Reason: Sendable, Hashable {
        case sticker
        case directory
        /// Its messages have to be requested.
        case forwardedMessages
        /// Sent by reference: the platform does not tell what is in it.
        case cardTemplate
        /// Rendered for old clients, without its images.
        case cardFallback
        case encrypted
        /// An answer with an error in place of messages.
        case errorAnswer(code: String, message: String)
        case unknownType(String)
        case invalidKey(String)
    }

    package let reason: Reason
    package let message: MessageFacts

    /// Whether it is a fault of the input, and not something that the platform does not deliver.
    package var isInvalid: Bool {
        switch reason {
        case .encrypted, .errorAnswer: true
        default: false
        }
    }

    /// Whether the message itself, as the platform returns it, tells more.
    package var isIncomplete: Bool { reason == .forwardedMessages || reason == .cardFallback }

    package var description: String { (message.id.map { "\($0): " } ?? "") + reasonText }

    /// The reason in words.
    package var reasonText: String {
        switch reason {
        case .sticker: "a sticker cannot be downloaded"
        // check: allowed, the platform's word
        case .directory: "a folder cannot be downloaded"
        case .forwardedMessages: "it holds forwarded messages, which have to be requested by its message_id"
        case .cardTemplate: "a card that was sent by its template's id; the platform does not tell its images"
        case .cardFallback: "a card without its images; request it with card_msg_content_type=user_card_content"
        case .encrypted: "it is encrypted; to read it, set the Encrypt Key of its app"
        case .errorAnswer(let code, let message):
            "it is an error of the platform, \(TerminalText.visible("\(code) \(message)", limit: 200))"
        case .unknownType(let type): "messages of the type \(TerminalText.visible(type, limit: 60)) are not known"
        case .invalidKey(let key): "\(TerminalText.visible(key, limit: 60)) is not a key"
        }
    }
}

/// What was found in a text.
package struct MessageFindings: Sendable {
    package internal(set) var resources: [FoundResource] = []
    package internal(set) var notes: [MessageNote] = []
    /// The number of messages.
    package internal(set) var messages = 0

    /// Whether there is nothing at all, not even a message without keys.
    package var isEmpty: Bool { resources.isEmpty && notes.isEmpty && messages == 0 }
}
