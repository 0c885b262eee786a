import FoundationEssentials
import NIOCore

extension PlatformState {
    /// "Obtain resource files in messages": downloads what users sent.
    func resourceResponse(
        _ messageID: String,
        _ fileKey: String,
        _ caller: Principal,
        _ request: IncomingRequest
    ) throws(PlatformError) -> Response {
        guard let type = request.queryValue("type").flatMap(SeededMessage.ResourceType.init),
            Self.isWellFormed(key: messageID), Self.isWellFormed(key: fileKey)
        else { throw .code(234001) }
        guard caller.app.hasBot else { throw .code(234007) }
        guard let stored = messages[messageID], stored.tenantKey == caller.tenantKey else { throw .code(234001) }
        guard stored.appID == caller.app.appID else { throw .code(234004) }
        if let obstacle = stored.message.obstacle { throw .code(obstacle.code) }
        guard let resource = stored.message.resources.first(where: { $0.key == fileKey && $0.type == type }) else {
            throw .code(234003)
        }
        let contentType =
            resource.contentType ?? ImageFormat(leadingBytesOf: resource.bytes)?.contentType
            ?? "application/octet-stream"
        return fileResponse(
            ByteBuffer(bytes: resource.bytes),
            contentType: contentType,
            name: resource.fileName ?? "image",
            request
        )
    }
}

extension SeededMessage.AccessDenial {
    fileprivate var code: Int {
        switch self {
        case .deleted: 230110
        case .appNotInChat: 234004
        case .externalGroup: 234009
        case .tenantCheckFails: 234019
        case .tooLarge: 234037
        case .restricted: 234038
        case .invisible: 234040
        case .unsupportedType: 234043
        }
    }
}
