import FoundationEssentials
import NIOCore

/// The sender of an image.
public enum ImageSender: String, Sendable, Hashable, Codable {
    /// The app's bot, with "Upload image".
    case bot
    /// A user, in a chat.
    case user
}

/// The purpose of an image.
public enum ImageType: String, Sendable, Hashable, Codable {
    /// For messages.
    case message
    /// For avatars.
    case avatar
}

/// An image in a tenant.
struct StoredImage: Sendable {
    var appID: String
    var tenantKey: String
    var bytes: ByteBuffer
    var contentType: String
    var sender: ImageSender
    var type: ImageType
    var isDeleted = false

    /// A key in the form the platform uses: like a UUID, but the last letter names a region.
    static func newKey(style: Behaviour.ImageKeyStyle) -> String {
        let uuid = UUID().uuidString.lowercased().dropLast() + "g"
        switch style {
        case .v2: return "img_v2_\(uuid)"
        case .v3: return "img_v3_02ao_\(uuid)"
        }
    }
}
