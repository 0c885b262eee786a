/// A message in a tenant.
struct StoredMessage: Sendable {
    /// An image or file, with what the platform thinks of downloads.
    struct Resource: Sendable {
        var resource: SeededMessage.Resource
        var isFolder = false
    }

    static let containerType = "merge_forward"

    var id: String
    var tenantKey: String
    var chatID: String
    var threadID: String?
    var rootID: String?
    var parentID: String?
    /// The container that it was forwarded in.
    var upperMessageID: String?
    var type: String
    var createTime: String
    var sender: MessageSender
    /// The content of anything but a card.
    var content: String
    var card: SeededCard?
    var isDeleted: Bool
    var isUpdated: Bool
    var mentions: [MessageMention]
    var resources: [Resource]
    var children: [StoredMessage]
    var accessDenial: SeededMessage.AccessDenial?
    /// Counts the messages in the order of seeding.
    var sequence: Int

    /// The creation time for comparisons; 0 if it is not a number.
    var milliseconds: Double {
        Double(createTime) ?? 0
    }

    var isContainer: Bool {
        type == Self.containerType
    }

    /// Whether it is a reply in a thread, which the list of a chat leaves out.
    var isThreadReply: Bool {
        threadID != nil && rootID != nil && rootID != id
    }

    /// All messages below it, in order.
    var descendants: [StoredMessage] {
        children.flatMap { [$0] + $0.descendants }
    }

    /// The content, with a card in a form.
    func shownContent(_ form: CardForm) -> String {
        card?.content(form) ?? content
    }
}
