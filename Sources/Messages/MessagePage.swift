package import LarkAPI

/// The response to a request for messages.
package struct MessagePage: Sendable {
    /// What the messages hold.
    package let findings: MessageFindings
    /// What the messages say about themselves, by message_id.
    package let facts: [MessageID: MessageFacts]
    /// Whether a message is a card whose images are not in this form of it.
    package let hasIncompleteCard: Bool
    /// The `page_token` of the next page; nil for the last one.
    package let nextPage: String?

    /// Reads the body of a response of "Get message" or "Get chat history".
    ///
    /// - Returns: nil if it is not JSON.
    package init?(_ body: [UInt8]) {
        guard String(validating: body, as: UTF8.self) != nil, let document = try? JSONDocument(body) else { return nil }
        findings = MessageReader().findings(in: document)
        let data = document.root["data"]
        var facts: [MessageID: MessageFacts] = [:]
        var cards: Set<MessageID> = []
        data?["items"]?
            .forEachElement { item in
                let message = MessageFacts(ofItem: item)
                guard let id = message.id else { return }
                facts[id] = message
                if item["msg_type"]?.isEqual(to: "interactive") == true { cards.insert(id) }
            }
        self.facts = facts
        for resource in findings.resources { resource.message.id.map { _ = cards.remove($0) } }
        hasIncompleteCard = !cards.isEmpty
        nextPage = data?["has_more"]?.isTrue == true ? data?["page_token"]?.nonEmptyText : nil
    }
}
