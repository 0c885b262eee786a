/// What to download: an image that the app uploaded, or a resource that a user sent in a message.
///
/// The platform keeps the two apart (document "Download image": for what users send, use "Get the resource file of a
/// message").
public enum ImageReference: Sendable, Hashable, CustomStringConvertible {
    /// The `type` of a message resource.
    public enum ResourceType: String, Sendable, CaseIterable {
        /// A picture, alone or inside a post.
        case image
        /// A file, an audio or a video.
        case file
    }

    /// `GET /open-apis/im/v1/images/:image_key`.
    case image(ResourceKey)
    /// `GET /open-apis/im/v1/messages/:message_id/resources/:file_key?type=…`.
    case messageResource(MessageID, ResourceKey, ResourceType)

    /// Reads `KEY` or `MESSAGE_ID/KEY`.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - type: the type of a message resource; nil takes `file` for keys that begin with `file_`, else `image`.
    /// - Throws: ``InvalidValue`` for anything else.
    public init(_ text: String, type: ResourceType? = nil) throws {
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else {
            self = .image(try ResourceKey(text))
            return
        }
        self = .messageResource(
            try MessageID(String(text[..<slash])),
            key: try ResourceKey(String(text[text.index(after: slash)...])),
            type: type
        )
    }

    /// A message's resource. Without a type, keys that begin with `file_` are files and all others images.
    public static func messageResource(_ message: MessageID, key: ResourceKey, type: ResourceType?) -> Self {
        .messageResource(message, key, type ?? (key.text.hasPrefix("file_") ? .file : .image))
    }

    /// The key of the image or resource.
    public var key: ResourceKey {
        switch self {
        case .image(let key), .messageResource(_, let key, _): key
        }
    }

    /// The message; nil for an image that the app uploaded.
    public var message: MessageID? {
        switch self {
        case .image: nil
        case .messageResource(let message, _, _): message
        }
    }

    /// `KEY` or `MESSAGE_ID/KEY`, as ``init(_:type:)`` reads it.
    public var description: String {
        switch self {
        case .image(let key): key.text
        case .messageResource(let message, let key, _): "\(message)/\(key)"
        }
    }

    /// The path and query of the request. Identifiers need no percent-encoding.
    package var endpoint: String {
        switch self {
        case .image(let key):
            "/open-apis/im/v1/images/\(key)"
        case .messageResource(let message, let key, let type):
            "/open-apis/im/v1/messages/\(message)/resources/\(key)?type=\(type.rawValue)"
        }
    }
}
