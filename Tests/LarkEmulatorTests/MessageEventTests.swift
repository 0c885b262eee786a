import LarkEmulator
import Testing

@Suite("Events of messages", .timeLimit(.minutes(5)))
struct MessageEventTests {
    /// Runs a closure with a custom app whose events go to a webhook.
    private func withWebhook(
        encryptKey: String = "", _ body: (Emulator, PlatformClient, EventReceiver) async throws -> Void
    ) async throws {
        try await EventReceiver.run(encryptKey: encryptKey) { receiver, url in
            let configuration = configured {
                $0.apps = [.custom("cli_a", secret: "s", tenantKey: "tenant1")]
                $0.apps[0].verificationToken = "vt"
                $0.apps[0].encryptKey = encryptKey
                $0.eventTimeouts = EventTimeouts(all: 600)
            }
            try await withPlatform(configuration) { emulator, client in
                emulator.setEventsURL(url)
                try await body(emulator, client, receiver)
            }
        }
    }

    private static var image: SeededMessage {
        var message = SeededMessage(
            messageID: "om_1", chatID: "oc_1", type: "image", content: ["image_key": "img_1"])
        message.createTime = "1760000000001"
        message.parentID = "om_0"
        message.sender = MessageSender(.user, id: "ou_12345678", tenantKey: "tenant2")
        message.mentions = [MessageMention(key: "@_user_1", id: "ou_87654321", name: "Li")]
        return message
    }

    @Test("The address is verified with the first message, which follows in the current envelope")
    func second() async throws {
        try await withWebhook { emulator, _, receiver in
            emulator.seedMessage(Self.image, appID: "cli_a")
            emulator.pushMessage("om_1", appID: "cli_a")
            await emulator.waitForDeliveries(count: 2)
            #expect(receiver.events.first?.json["type"] == "url_verification")
            let event = try #require(receiver.events.last?.json)
            #expect(event["schema"] == "2.0")
            #expect(event["header"]?["event_type"] == "im.message.receive_v1")
            #expect(event["header"]?["app_id"] == "cli_a")
            #expect(event["header"]?["tenant_key"] == "tenant1")
            #expect(event["header"]?["token"] == "vt")
            #expect(event["event"]?["sender"]?["tenant_key"] == "tenant2")
            #expect(event["event"]?["sender"]?["sender_id"]?["open_id"] == "ou_12345678")
            let message = try #require(event["event"]?["message"])
            #expect(message["message_id"] == "om_1")
            #expect(message["parent_id"] == "om_0")
            #expect(message["root_id"] == nil)
            #expect(message["chat_type"] == "group")
            #expect(message["message_type"] == "image")
            #expect(message["content"] == #"{"image_key":"img_1"}"#)
            guard case .array(let mentions)? = message["mentions"] else {
                Issue.record("there are no mentions")
                return
            }
            #expect(mentions.first?["id"]?["open_id"] == "ou_87654321")
        }
    }

    @Test("In the older envelope the keys are beside the identifiers")
    func first() async throws {
        try await withWebhook { emulator, _, receiver in
            let content: JSONValue = [
                "title": "T", "content": [[["tag": "text", "text": "a"], ["tag": "img", "image_key": "img_2"]]],
            ]
            emulator.seedChat(
                SeededChat(
                    chatID: "oc_2", kind: .p2p,
                    messages: [SeededMessage(messageID: "om_2", type: "post", content: content)]), appID: "cli_a")
            emulator.seedMessage(Self.image, appID: "cli_a")
            emulator.pushMessage("om_1", schema: .first, appID: "cli_a")
            emulator.pushMessage("om_2", schema: .first, appID: "cli_a")
            await emulator.waitForDeliveries(count: 3)
            let events = receiver.events.dropFirst().compactMap { $0.json["event"] }
            let image = try #require(events.first { $0["open_message_id"] == "om_1" })
            #expect(image["type"] == "message")
            #expect(image["image_key"] == "img_1")
            #expect(image["parent_id"] == "om_0")
            #expect(image["root_id"] == "")
            #expect(image["chat_type"] == "group")
            #expect(image["content"] == nil)
            let post = try #require(events.first { $0["open_message_id"] == "om_2" })
            #expect(post["image_keys"] == ["img_2"])
            #expect(post["title"] == "T")
            #expect(post["text"] == "a")
            #expect(post["chat_type"] == "private")
        }
    }

    @Test("With an Encrypt Key they are encrypted and signed")
    func encrypted() async throws {
        try await withWebhook(encryptKey: "k") { emulator, _, receiver in
            emulator.seedMessage(Self.image, appID: "cli_a")
            emulator.pushMessage("om_1", appID: "cli_a")
            await emulator.waitForDeliveries(count: 2)
            let event = try #require(receiver.events.last)
            #expect(event.raw.hasPrefix(#"{"encrypt":""#))
            #expect(event.headers["X-Lark-Signature"]?.count == 64)
            #expect(event.json["event"]?["message"]?["message_id"] == "om_1")
        }
    }

    @Test("Copies have identifiers of their own, repeated events have one")
    func copies() async throws {
        try await withWebhook { emulator, _, receiver in
            emulator.setBehaviour { $0.duplicateEvents = 1 }
            emulator.seedMessage(Self.image, appID: "cli_a")
            emulator.pushMessage("om_1", appID: "cli_a", copies: 2)
            await emulator.waitForDeliveries(count: 5)
            let events = receiver.events.dropFirst()
            #expect(events.count == 4)
            #expect(Set(events.map { $0.json["header"]?["event_id"] }).count == 2)
            #expect(Set(events.compactMap { $0.json["event"]?["message"]?["message_id"]?.string }) == ["om_1"])
        }
    }

    @Test("The content of a container is JSON in an event, or empty as a switch says; a card has its source with it")
    func contents() async throws {
        try await withWebhook { emulator, _, receiver in
            emulator.seedMessage(SeededMessage(messageID: "om_1", type: "merge_forward"), appID: "cli_a")
            var card = SeededMessage(messageID: "om_2")
            card.card = SeededCard(["schema": "2.0"])
            emulator.seedMessage(card, appID: "cli_a")
            emulator.pushMessage("om_1", appID: "cli_a")
            emulator.pushMessage("om_2", appID: "cli_a")
            emulator.setBehaviour { $0.emptiesContainersInEvents = true }
            emulator.pushMessage("om_1", appID: "cli_a")
            await emulator.waitForDeliveries(count: 4)
            let messages = receiver.events.compactMap { $0.json["event"]?["message"] }
            let containers = messages.filter { $0["message_id"] == "om_1" }.compactMap { $0["content"]?.string }
            #expect(Set(containers) == ["", #"{"content":"Merged and Forwarded Message"}"#])
            let content = messages.first { $0["message_id"] == "om_2" }?["content"]?.string ?? ""
            #expect(content.contains(#""user_dsl":"{\"schema\":\"2.0\"}""#))
            #expect(content.contains("请升级至最新版本客户端"))
        }
    }

    @Test("Seeding over HTTP can push")
    func seeding() async throws {
        try await withWebhook { emulator, client, receiver in
            let reply = try await client.post(
                "/_emulator/faults",
                [
                    "seed_chat": [
                        "app_id": "cli_a", "messages": [["message_id": "om_1"], ["message_id": "om_2"]],
                        "push": ["schema": "1.0"],
                    ],
                    "seed_message": ["app_id": "cli_a", "message_id": "om_3", "push": ["copies": 2]],
                ]
            )
            #expect(reply.status == 200, "\(reply.text)")
            await emulator.waitForDeliveries(count: 5)
            let events = receiver.events.compactMap { $0.json["event"] }
            #expect(Set(events.compactMap { $0["open_message_id"]?.string }) == ["om_1", "om_2"])
            #expect(events.compactMap { $0["message"]?["message_id"]?.string } == ["om_3", "om_3"])
        }
    }

    @Test("Without an address nothing is pushed")
    func noAddress() async throws {
        try await withPlatform { emulator, _ in
            emulator.seedMessage(Self.image, appID: "cli_a")
            emulator.pushMessage("om_1", appID: "cli_a")
            #expect(emulator.pushes.isEmpty)
        }
    }
}
