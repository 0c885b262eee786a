import FoundationEssentials
import NIOCore

/// Who sent an image into the tenant.
public enum ImageSender: String, Sendable, Hashable, Codable {
    /// The app's bot, by "Upload image".
    case bot
    /// A person, in a chat.
    case user
}

/// What an image is for.
public enum ImageType: String, Sendable, Hashable, Codable {
    /// To be sent in messages.
    case message
    /// To be set as an avatar.
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
