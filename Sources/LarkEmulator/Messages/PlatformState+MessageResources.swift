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
        guard let found = message(messageID, tenantKey: caller.tenantKey) else { throw .code(234001) }
        if let reason = obstacle(to: found, for: caller) { throw .code(reason.resourceCode) }
        let match = try resource(fileKey, type, of: found)
        let contentType =
            match.contentType ?? ImageFormat(leadingBytesOf: match.bytes)?.contentType
            ?? "application/octet-stream"
        return fileResponse(
            ByteBuffer(bytes: match.bytes),
            contentType: contentType,
            name: match.fileName ?? "image",
            request
        )
    }

    /// The resource of a message, or of a message that it contains.
    private func resource(
        _ key: String, _ type: SeededMessage.ResourceType, of found: FoundMessage
    ) throws(PlatformError) -> SeededMessage.Resource {
        let rule = behaviour.forwardedResources
        guard !found.isForwarded || rule == .child else { throw .code(234003) }
        guard !found.message.isContainer || rule == .container else { throw .code(234043) }
        if let code = refusalCode(of: found.message) { throw .code(code) }
        let carriers = [found.message] + found.message.descendants
        guard let carrier = carriers.first(where: { $0.resources.contains { $0.resource.key == key } }) else {
            throw .code(234003)
        }
        if let code = refusalCode(of: carrier) { throw .code(code) }
        let named = carrier.resources.filter { $0.resource.key == key }
        if named.contains(where: \.isFolder) { throw .code(behaviour.folderCode) }
        guard let stored = named.first(where: { $0.resource.type == type }) else {
            throw .code(behaviour.wrongResourceTypeCode)
        }
        return stored.resource
    }

    /// The code with which the platform refuses all resources of a message for its type.
    private func refusalCode(of message: StoredMessage) -> Int? {
        switch message.type {
        case "sticker": behaviour.stickerCode
        // check: allowed, the platform's word
        case "folder": behaviour.folderCode
        case "interactive": behaviour.cardResources == .refuse ? 234043 : nil
        default: nil
        }
    }
}
