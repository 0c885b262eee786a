import LarkEmulator
import Testing

@Suite("Forwarded messages")
struct ForwardedMessageTests {
    /// A container with an image, a sticker, and a container with a file.
    private static var forward: SeededMessage {
        var inner = SeededMessage(messageID: "om_inner", type: "merge_forward")
        inner.children = [
            SeededMessage(messageID: "om_file", chatID: "oc_origin", type: "file", content: ["file_key": "f_1"])
        ]
        var outer = SeededMessage(messageID: "om_outer")
        outer.children = [
            SeededMessage(messageID: "om_image", type: "image", content: ["image_key": "img_1"]),
            SeededMessage(messageID: "om_sticker", type: "sticker", content: ["file_key": "v3_1"]),
            inner,
        ]
        return outer
    }

    private func withForward(_ body: (Emulator, PlatformClient, String) async throws -> Void) async throws {
        try await withPlatform { emulator, client in
            emulator.seedMessage(Self.forward, appID: "cli_a")
            try await body(emulator, client, try await client.token())
        }
    }

    @Test("Their resources come with the id of the outermost container only")
    func container() async throws {
        try await withForward { _, client, token in
            let image = try await client.resource("om_outer", "img_1", token: token)
            #expect(image.status == 200)
            #expect(try await client.resource("om_outer", "f_1", type: "file", token: token).status == 200)
            #expect(try await client.resource("om_image", "img_1", token: token).code == 234003)
            #expect(try await client.resource("om_inner", "f_1", type: "file", token: token).code == 234003)
            #expect(try await client.resource("om_outer", "v3_1", type: "file", token: token).code == 234002)
            #expect(try await client.resource("om_outer", "img_none", token: token).code == 234003)
        }
    }

    @Test("Switches refuse them, or give them out with their own id")
    func switches() async throws {
        try await withForward { emulator, client, token in
            emulator.setBehaviour { $0.forwardedResources = .refuse }
            let refusal = try await client.resource("om_outer", "img_1", token: token)
            #expect(refusal.code == 234043)
            #expect(try await client.resource("om_image", "img_1", token: token).code == 234003)
            emulator.setBehaviour { $0.forwardedResources = .child }
            #expect(try await client.resource("om_outer", "img_1", token: token).code == 234043)
            #expect(try await client.resource("om_image", "img_1", token: token).status == 200)
        }
    }

    @Test("The bot is as a rule not in the chat that they come from")
    func origin() async throws {
        try await withForward { emulator, client, token in
            #expect(try await client.messages("/om_file", token: token).code == 230002)
            var origin = SeededChat(chatID: "oc_origin")
            origin.hasBot = false
            emulator.seedChat(origin, appID: "cli_a")
            #expect(try await client.resource("om_file", "f_1", type: "file", token: token).code == 234004)
            #expect(try await client.messages("/om_file", token: token).code == 230002)
            origin.hasBot = true
            emulator.seedChat(origin, appID: "cli_a")
            #expect(try await client.resource("om_file", "f_1", type: "file", token: token).code == 234003)
            let alone = try await client.messages("/om_file", token: token).items
            #expect(alone.map { $0["message_id"] } == ["om_file"])
            #expect(alone.first?["upper_message_id"] == nil)
        }
    }

    @Test("The container comes with all messages in it in one flat list, in an order that a switch turns")
    func flat() async throws {
        try await withForward { emulator, client, token in
            let items = try await client.messages("/om_outer", token: token).items
            #expect(
                items.map { $0["message_id"] } == ["om_outer", "om_image", "om_sticker", "om_inner", "om_file"])
            #expect(
                items.map { $0["upper_message_id"] } == [nil, "om_outer", "om_outer", "om_outer", "om_inner"])
            #expect(items[0]["msg_type"] == "merge_forward")
            #expect(items[0]["body"]?["content"] == "Merged and Forwarded Message")
            #expect(items[4]["chat_id"] == "oc_origin")
            #expect(items[1]["chat_id"] != items[0]["chat_id"])
            emulator.setBehaviour { $0.sendsContainersLast = true }
            let turned = try await client.messages("/om_outer", token: token).items
            #expect(turned.last?["message_id"] == "om_outer")
            #expect(turned.count == 5)
        }
    }

    @Test("A container can be listed as a message in itself")
    func cycle() async throws {
        try await withPlatform { emulator, client in
            var outer = SeededMessage(messageID: "om_outer", type: "merge_forward")
            outer.children = [SeededMessage(messageID: "om_outer", type: "merge_forward")]
            emulator.seedMessage(outer, appID: "cli_a")
            let items = try await client.messages("/om_outer", token: try await client.token()).items
            #expect(items.map { $0["message_id"] } == ["om_outer", "om_outer"])
            #expect(items.map { $0["upper_message_id"] } == [nil, "om_outer"])
        }
    }

    @Test("A message that is in a chat as well is that chat's own")
    func original() async throws {
        try await withForward { emulator, client, token in
            emulator.seedMessage(
                SeededMessage(messageID: "om_image", type: "image", content: ["image_key": "img_1"]), appID: "cli_a")
            let image = try await client.resource("om_image", "img_1", token: token)
            #expect(image.status == 200)
            #expect(try await client.messages("/om_image", token: token).items.count == 1)
        }
    }
}

extension PlatformClient.Reply {
    /// The items of a list; none if it has none.
    var items: [JSONValue] {
        guard case .array(let items)? = json?["data"]?["items"] else { return [] }
        return items
    }
}
