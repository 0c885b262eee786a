extension ControlCommand {
    /// A chat or a message to add, with the app that it is for, in one object.
    struct Seed<Item: Sendable & Codable>: Sendable, Codable {
        var app: AppRef
        var item: Item
        /// The events to push; nil for none.
        var push: Push?

        private enum CodingKeys: String, CodingKey {
            case push
        }

        init(from decoder: any Decoder) throws {
            app = try AppRef(from: decoder)
            item = try Item(from: decoder)
            push = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(Push.self, forKey: .push)
        }

        func encode(to encoder: any Encoder) throws {
            try app.encode(to: encoder)
            try item.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(push, forKey: .push)
        }
    }

    /// The events of new messages.
    struct Push: Sendable, Codable {
        var schema: EventSchema?
        var copies: Int?
    }
}

extension Emulator {
    /// Adds the chat and the message of a command and pushes their events; returns the new identifiers.
    func seedMessages(_ command: ControlCommand) -> [String: JSONValue] {
        var data: [String: JSONValue] = [:]
        if let seed = command.seedChat {
            let (chatID, messageIDs) = seedChat(seed.item, appID: seed.app.appID, tenantKey: seed.app.tenantKey)
            data["chat_id"] = .text(chatID)
            data["message_ids"] = .array(messageIDs.map { .text($0) })
            push(messageIDs, seed.push, appID: seed.app.appID)
        }
        if let seed = command.seedMessage {
            let messageID = seedMessage(seed.item, appID: seed.app.appID, tenantKey: seed.app.tenantKey)
            data["message_id"] = .text(messageID)
            push([messageID], seed.push, appID: seed.app.appID)
        }
        return data
    }

    private func push(_ messageIDs: [String], _ push: ControlCommand.Push?, appID: String) {
        guard let push else { return }
        for messageID in messageIDs {
            pushMessage(messageID, schema: push.schema ?? .second, appID: appID, copies: max(0, push.copies ?? 1))
        }
    }
}
