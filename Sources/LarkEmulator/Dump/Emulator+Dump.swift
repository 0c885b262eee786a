import FoundationEssentials
import Synchronization

/// What a dump of messages looks like.
public enum DumpFormat: String, Sendable, Hashable, CaseIterable {
    /// Events in the current envelope, one a line.
    case events
    /// Events in the older envelope, one a line.
    case firstEvents = "events-1.0"
    /// Events in the current envelope, encrypted, one a line.
    case encryptedEvents = "events-encrypted"
    /// A response with items, as of "List messages", or for one message of "Get message".
    case items
    /// What `lark-cli im +chat-messages-list` prints.
    case commandLine = "cli-json"
    /// The same, one message a line.
    case commandLineLines = "cli-ndjson"
    /// What `lark-cli event consume` prints.
    case commandLineEvents = "cli-events"
}

extension Emulator {
    /// Prints messages in a form in which a client may be given them.
    ///
    /// The same messages always give the same text, except for encrypted events.
    ///
    /// - Parameters:
    ///   - chatID: The chat whose messages are printed, oldest first.
    ///   - messageID: The only message to print; nil for all.
    ///   - cards: The value of `card_msg_content_type` for items.
    ///   - listsResources: Whether the command line has downloaded the resources.
    ///   - appID: The app that receives the events; nil for one whose bot is in the chat.
    /// - Returns: The text, which ends with a line break; nil if there is no such chat, message or app.
    public func dump(
        chatID: String, messageID: String? = nil, as format: DumpFormat, cards: String = "",
        listsResources: Bool = true, appID: String? = nil
    ) -> String? {
        platform.withLock { platform in
            guard let chat = platform.chats[chatID], let cards = CardForm(rawValue: cards),
                let app = (appID ?? chat.botAppIDs.min()).flatMap({ platform.apps[$0] })
            else { return nil }
            let messages = platform.messages.values
                .filter { $0.chatID == chatID && (messageID == nil || $0.id == messageID) }
                .sorted { $0.place < $1.place }
            guard messageID == nil || !messages.isEmpty else { return nil }
            let dump = MessageDump(
                platform: platform, app: app, cards: cards, listsResources: listsResources,
                isSingle: messageID != nil, messages: messages)
            return dump.text(format)
        }
    }

    /// `GET /_emulator/dump`: ``dump(chatID:messageID:as:cards:listsResources:appID:)`` over HTTP.
    func dumpResponse(_ request: IncomingRequest) -> Response {
        guard let format = DumpFormat(rawValue: request.queryValue("format") ?? "") else {
            let names = DumpFormat.allCases.map(\.rawValue).joined(separator: ", ")
            return .text("format: expected one of \(names)\n", status: 400)
        }
        let text = dump(
            chatID: request.queryValue("chat_id") ?? "",
            messageID: request.queryValue("message_id"),
            as: format,
            cards: request.queryValue("card_msg_content_type") ?? "",
            listsResources: request.queryValue("resources") != "false",
            appID: request.queryValue("app_id")
        )
        return text.map { .text($0, status: 200) }
            ?? .text("there is no such chat or message, or no such app for its events\n", status: 400)
    }
}
