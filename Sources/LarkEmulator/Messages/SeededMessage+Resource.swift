import FoundationEssentials

extension SeededMessage {
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
        /// The bytes. In JSON base64 under the name `base64`; without it they are generated.
        public var bytes: [UInt8]
        /// The Content-Type of downloads; nil derives it from the leading bytes.
        public var contentType: String?
        /// The name of a file.
        public var fileName: String?

        private enum CodingKeys: String, CodingKey {
            case key
            case type
            case bytes = "base64"
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

        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            key = try container.decode(String.self, forKey: .key)
            type = try container.decodeIfPresent(ResourceType.self, forKey: .type) ?? .image
            let given = try container.decodeIfPresent(Data.self, forKey: .bytes)
            bytes = given.map { Array($0) } ?? PlaceholderResource.bytes(key: key, type: type)
            contentType = try container.decodeIfPresent(String.self, forKey: .contentType)
            fileName = try container.decodeIfPresent(String.self, forKey: .fileName)
        }

        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(key, forKey: .key)
            try container.encode(type, forKey: .type)
            try container.encode(Data(bytes), forKey: .bytes)
            try container.encodeIfPresent(contentType, forKey: .contentType)
            try container.encodeIfPresent(fileName, forKey: .fileName)
        }
    }
}

/// Bytes for a resource that was seeded without any: valid, small, and different for each key.
enum PlaceholderResource {
    static func bytes(key: String, type: SeededMessage.ResourceType) -> [UInt8] {
        switch type {
        case .image: gif(comment: key)
        case .file: Array("The file \(key).\n".utf8)
        }
    }

    /// A grey GIF of one pixel with a comment.
    private static func gif(comment: String) -> [UInt8] {
        let comment = comment.utf8.prefix(255)
        return Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 0x80, 0x80, 0x80, 0, 0, 0]
            + [0x21, 0xFE, UInt8(comment.count)] + comment + [0]
            + [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]
    }
}
