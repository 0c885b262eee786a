import Synchronization

/// A message with its resources, for ``Emulator/seedMessage(_:appID:tenantKey:)``.
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

    /// The value of `type` in the request.
    public enum ResourceType: String, Sendable, Hashable, Codable {
        /// An image message, or a picture in a post.
        case image
        /// A file, audio or video.
        case file
    }

    /// One image or file of the message.
    public struct Resource: Sendable, Hashable, Codable {
        /// The image_key or file_key.
        public var key: String
        /// Image or file.
        public var type: ResourceType
        /// The bytes.
        public var bytes: [UInt8]
        /// The Content-Type of downloads; nil derives it from the leading bytes.
        public var contentType: String?
        /// The name of a file.
        public var fileName: String?

        private enum CodingKeys: String, CodingKey {
            case key
            case type
            case bytes
            case contentType = "content_type"
            case fileName = "file_name"
        }

        /// A resource of a message.
        public init(
            key: String,
            type: ResourceType = .image,
            bytes: [UInt8],
            contentType: String? = nil,
            fileName: String? = nil
        ) {
            self.key = key
            self.type = type
            self.bytes = bytes
            self.contentType = contentType
            self.fileName = fileName
        }
    }

    /// The message_id; nil generates one.
    public var messageID: String?
    /// Its images and files.
    public var resources: [Resource]
    /// Why they cannot be downloaded; nil if they can.
    public var accessDenial: AccessDenial?

    private enum CodingKeys: String, CodingKey {
        case messageID = "message_id"
        case resources
        case accessDenial = "obstacle"
    }

    /// A message with its resources.
    public init(messageID: String? = nil, resources: [Resource], accessDenial: AccessDenial? = nil) {
        self.messageID = messageID
        self.resources = resources
        self.accessDenial = accessDenial
    }
}

/// A message in a tenant.
struct StoredMessage: Sendable {
    var message: SeededMessage
    var appID: String
    var tenantKey: String
}

extension Emulator {
    /// Adds a message with its resources to a tenant.
    ///
    /// - Returns: The message_id.
    @discardableResult
    public func seedMessage(_ message: SeededMessage, appID: String, tenantKey: String? = nil) -> String {
        platform.withLock { platform in
            let messageID = message.messageID ?? Identifiers.messageID()
            let tenantKey = tenantKey ?? platform.ownTenantKey(of: appID)
            platform.messages[messageID] = StoredMessage(message: message, appID: appID, tenantKey: tenantKey)
            return messageID
        }
    }
}
