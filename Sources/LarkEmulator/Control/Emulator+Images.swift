import NIOCore
import Synchronization

extension Emulator {
    /// Puts an image into a tenant.
    ///
    /// - Parameters:
    ///   - appID: The app whose bot uploaded it, or in whose chats a user sent it.
    ///   - tenantKey: The tenant; a custom app has only its own.
    ///   - bytes: The image. Nothing checks that it is one.
    ///   - contentType: What downloads declare; nil declares what the leading bytes say.
    ///   - sender: A user's image cannot be downloaded as an image, only as a message resource.
    ///   - type: An avatar cannot be downloaded at all.
    ///   - imageKey: The key it gets; nil makes one up.
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
        return world.withLock { world in
            let image = StoredImage(
                appID: appID,
                tenantKey: tenantKey ?? world.ownTenantKey(of: appID),
                bytes: ByteBuffer(bytes: bytes),
                contentType: contentType ?? seen,
                sender: sender,
                type: type
            )
            return world.store(image, as: imageKey)
        }
    }

    /// Deletes an image: downloads answer 234005 from now on.
    public func deleteImage(_ imageKey: String) {
        world.withLock { $0.images[imageKey]?.isDeleted = true }
    }

    /// Puts a message with its resources into a tenant.
    ///
    /// - Returns: The message_id.
    @discardableResult
    public func seedMessage(_ message: SeededMessage, appID: String, tenantKey: String? = nil) -> String {
        world.withLock { world in
            let messageID = message.messageID ?? "om_\(Random.hex(digits: 32))"
            let tenantKey = tenantKey ?? world.ownTenantKey(of: appID)
            world.messages[messageID] = StoredMessage(message: message, appID: appID, tenantKey: tenantKey)
            return messageID
        }
    }
}
