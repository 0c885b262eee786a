import FoundationEssentials

/// Messages of a chat to print.
struct MessageDump {
    var platform: PlatformState
    var app: EmulatedApp
    var cards: CardForm
    var listsResources: Bool
    /// Whether the messages are a single one that was asked for by its id.
    var isSingle: Bool
    var messages: [StoredMessage]

    func text(_ format: DumpFormat) -> String? {
        switch format {
        case .events: lines(messages.map { event(of: $0, .second) })
        case .firstEvents: lines(messages.map { event(of: $0, .first) })
        case .encryptedEvents: encrypted
        case .items: lines([items])
        case .commandLine: pretty
        case .commandLineLines: lines(commandLineMessages)
        case .commandLineEvents: lines(messages.map(commandLineEvent))
        }
    }

    private func lines(_ values: [JSONValue]) -> String {
        values.map { JSONValue.serialize($0) + "\n" }.joined()
    }

    /// The event of a message, made when the message was, so that it is the same in each dump.
    private func event(of message: StoredMessage, _ schema: EventSchema) -> JSONValue {
        platform.event(of: message, schema: schema)
            .body(
                app: app, uuid: "event-\(message.id)", at: Date(timeIntervalSince1970: message.milliseconds / 1000))
    }

    private var encrypted: String? {
        let key = app.encryptKey
        guard !key.isEmpty else { return nil }
        let events = messages.compactMap { message -> JSONValue? in
            let iv = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
            // Only an IV of a wrong length cannot be used.
            let text = try? EventCipher.encrypt(
                JSONValue.serialize(event(of: message, .second)), encryptKey: key, iv: iv)
            return text.map { ["encrypt": .text($0)] }
        }
        return lines(events)
    }

    private var items: JSONValue {
        let style = MessageItemStyle(
            cards: cards, recalledContent: isSingle ? nil : MessageItemStyle.recalledInLists)
        let shown =
            isSingle
            ? messages.flatMap { platform.withContained($0) } : messages.filter { !$0.isThreadReply }
        let more: [String: JSONValue] = isSingle ? [:] : ["has_more": false]
        let data = more.merging(["items": .array(shown.map { $0.item(style) })]) { $1 }
        return ["code": 0, "msg": "success", "data": .object(data)]
    }

    /// The messages; those of a thread below its first.
    private var commandLineMessages: [JSONValue] {
        messages.filter { isSingle || !$0.isThreadReply }
            .map { message in
                let replies = messages.filter {
                    $0.isThreadReply && $0.threadID == message.threadID && $0.id != message.id
                }
                return CommandLineMessage(message: message, replies: replies, listsResources: listsResources).json
            }
    }

    private var pretty: String {
        let document: JSONValue = [
            "ok": true, "identity": "bot",
            "data": ["messages": .array(commandLineMessages), "has_more": false],
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        // As in serialize(_:), a value without infinite numbers can be encoded.
        guard let data = try? encoder.encode(document) else { return "null\n" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    private func commandLineEvent(_ message: StoredMessage) -> JSONValue {
        var members: [String: JSONValue] = [
            "type": "im.message.receive_v1",
            "event_id": .text("event-\(message.id)"),
            "timestamp": .text(message.createTime),
            "message_id": .text(message.id),
            "create_time": .text(message.createTime),
            "chat_id": .text(message.chatID),
            "chat_type": platform.chats[message.chatID]?.kind == .p2p ? "p2p" : "group",
            "message_type": .text(message.type),
            "sender_id": .text(message.sender.id ?? ""),
            "content": .text(CommandLineText(message).text),
        ]
        for (name, value) in [
            "reply_to": message.parentID, "root_id": message.rootID, "thread_id": message.threadID,
        ] {
            members[name] = value.map { .text($0) }
        }
        return .object(members)
    }
}
