extension PlatformState {
    /// "List messages": a page of a chat or a thread.
    mutating func messageListResponse(
        _ caller: Principal, _ request: IncomingRequest
    ) throws(PlatformError) -> Response {
        guard let query = MessageListQuery(request) else { throw .code(230001) }
        guard caller.app.hasBot else { throw .code(230006) }
        let selection = query.selection
        var found = try messages(in: selection.container, caller)
            .filter { selection.contains($0) }.sorted { $0.place < $1.place }
        if selection.isDescending { found.reverse() }
        if let token = query.pageToken {
            guard let page = messagePages[token], page.selection == selection, page.appID == caller.app.appID,
                page.tenantKey == caller.tenantKey
            else { throw .code(230001) }
            found.removeAll {
                selection.isDescending ? $0.place >= page.after : $0.place <= page.after
            }
        }
        let items = found.prefix(query.pageSize)
        var members: [String: JSONValue] = ["has_more": .bool(found.count > items.count)]
        if found.count > items.count, let last = items.last {
            let token = Identifiers.hex(digits: 48)
            messagePages[token] = MessagePage(
                selection: selection, appID: caller.app.appID, tenantKey: caller.tenantKey, after: last.place)
            members["page_token"] = .text(token)
        }
        return Self.listResponse(items.map { $0.item(query.style) }, members)
    }

    /// The messages of a container that a caller may see.
    private func messages(
        in container: MessageListQuery.Container, _ caller: Principal
    ) throws(PlatformError) -> [StoredMessage] {
        switch container {
        case .chat(let id):
            let chat = try readableChat(id, caller)
            // The replies in a thread are listed with the thread only.
            return self.messages.values.filter { $0.chatID == id && !$0.isThreadReply && !chat.hides($0) }
        case .thread(let id):
            let replies = self.messages.values.filter { $0.threadID == id }
            guard let root = replies.min(by: { $0.place < $1.place }) else { throw .code(230001) }
            let chat = try readableChat(root.chatID, caller)
            guard !chat.hides(root) else { throw .code(230073) }
            return replies
        }
    }

    private func readableChat(_ id: String, _ caller: Principal) throws(PlatformError) -> StoredChat {
        guard let chat = chats[id], chat.tenantKey == caller.tenantKey else { throw .code(230001) }
        guard chat.botAppIDs.contains(caller.app.appID) else { throw .code(230002) }
        guard !chat.isExternal, Self.mayRead(chat, caller.app) else { throw .code(230027) }
        guard !chat.isRestricted else { throw .code(231203) }
        return chat
    }

    /// `GET /open-apis/im/v1/messages/mget`, as clients call it. Messages that the caller may not read are left out.
    func messageBatchResponse(_ caller: Principal, _ request: IncomingRequest) throws(PlatformError) -> Response {
        let ids = request.queryValues("message_ids")
        guard let style = MessageItemStyle(of: request), (1...50).contains(ids.count),
            ids.allSatisfy(Self.isWellFormed(key:))
        else { throw .code(230001) }
        guard caller.app.hasBot else { throw .code(230006) }
        var items: [JSONValue] = []
        for id in ids {
            // A refusal of one message is none of the batch.
            if let found = try? self.items(of: id, caller, style) { items += found }
        }
        return Self.listResponse(items)
    }
}
