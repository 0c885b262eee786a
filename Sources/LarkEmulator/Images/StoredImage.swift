import NIOCore
import Synchronization

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
}

extension Emulator {
    /// Adds an image to a tenant.
    ///
    /// - Parameters:
    ///   - appID: The app whose bot uploaded it, or in whose chats a user sent it.
    ///   - tenantKey: The tenant; a custom app has only its own.
    ///   - bytes: The content; it is not checked.
    ///   - contentType: The Content-Type of downloads; nil derives it from the leading bytes.
    ///   - sender: A user's image cannot be downloaded as an image, only as a message resource.
    ///   - type: An avatar cannot be downloaded at all.
    ///   - imageKey: The image_key; nil generates one.
    /// - Returns: The image_key.
    @discardableResult
    public func seedImage(
        appID: String,
        tenantKey: String? = nil,
        bytes: [UInt8],
        contentType: String? = nil,
        sentBy sender: ImageSender = .bot,
        type: ImageType = .message,
        imageKey: String? = nil
    ) -> String {
        let seen = ImageFormat(leadingBytesOf: bytes)?.contentType ?? "application/octet-stream"
        return platform.withLock { platform in
            let image = StoredImage(
                appID: appID,
                tenantKey: tenantKey ?? platform.ownTenantKey(of: appID),
                bytes: ByteBuffer(bytes: bytes),
                contentType: contentType ?? seen,
                sender: sender,
                type: type
            )
            return platform.store(image, as: imageKey)
        }
    }

    /// Deletes an image: downloads fail with 234005 from now on.
    public func deleteImage(_ imageKey: String) {
        platform.withLock { $0.images[imageKey]?.isDeleted = true }
    }
}
