import Testing

@testable import LarkEmulator

@Suite("Dumps of messages")
struct MessageDumpTests {
    /// A chat with a text, an image, a thread of two, a container, a card and a recalled message.
    private static var chat: SeededChat {
        var text = SeededMessage(messageID: "om_text", content: ["text": "hello @_user_1"])
        text.mentions = [MessageMention(key: "@_user_1", id: "ou_2", name: "An")]
        var reply = SeededMessage(messageID: "om_reply", content: ["file_key": "f_1", "file_name": "a\"b"])
        var root = SeededMessage(messageID: "om_root", content: ["image_key": "img_1"])
        (root.threadID, reply.threadID, reply.rootID, reply.parentID) = ("omt_1", "omt_1", "om_root", "om_root")
        var outer = SeededMessage(messageID: "om_outer", type: "merge_forward")
        var child = SeededMessage(messageID: "om_child", content: ["image_key": "img_2"])
        child.sender = MessageSender(.user, name: "Li")
        outer.children = [child]
        var card = SeededMessage(messageID: "om_card")
        card.card = SeededCard(["schema": "2.0", "body": ["elements": [["tag": "img", "img_key": "img_3"]]]])
        var recalled = SeededMessage(messageID: "om_recalled", content: ["image_key": "img_4"])
        recalled.isDeleted = true
        recalled.parentID = "om_text"
        let messages = [text, root, reply, outer, card, recalled].enumerated()
            .map { number, message in
                var message = message
                message.createTime = "176000000000\(number)"
                message.children = message.children.map { child in
                    var child = child
                    child.createTime = "1760000000000"
                    return child
                }
                return message
            }
        return SeededChat(chatID: "oc_1", messages: messages)
    }

    private func dump(_ query: String) async throws -> PlatformClient.Reply {
        try await withPlatform { emulator, client in
            emulator.setEncryptKey("k", appID: "cli_a")
            emulator.seedChat(Self.chat, appID: "cli_a")
            return try await client.send("GET", "/_emulator/dump?chat_id=oc_1&\(query)")
        }
    }

    /// The lines of a dump, each of which is JSON.
    private func lines(_ reply: PlatformClient.Reply) throws -> [JSONValue] {
        #expect(reply.status == 200, "\(reply.text)")
        #expect(reply.text.hasSuffix("\n"))
        return try reply.text.split(separator: "\n").map { try #require(JSONValue(parsing: String($0))) }
    }

    @Test("Events come one a line, the same in each dump")
    func events() async throws {
        let reply = try await dump("format=events")
        let events = try lines(reply)
        #expect(
            events.map { $0["event"]?["message"]?["message_id"] } == [
                "om_text", "om_root", "om_reply", "om_outer", "om_card", "om_recalled",
            ])
        #expect(events.allSatisfy { $0["schema"] == "2.0" })
        #expect(try await dump("format=events").text == reply.text)
        let first = try lines(try await dump("format=events-1.0"))
        #expect(first.map { $0["event"]?["open_message_id"] }.count == 6)
        #expect(first[1]["event"]?["image_key"] == "img_1")
        #expect(first.allSatisfy { $0["type"] == "event_callback" })
    }

    @Test("Encrypted events open with the app's Encrypt Key")
    func encrypted() async throws {
        let sealed = try lines(try await dump("format=events-encrypted"))
        #expect(sealed.count == 6)
        let text = try #require(sealed.first?["encrypt"]?.string)
        let opened = try #require(try EventCipher.decrypt(text, encryptKey: "k"))
        #expect(JSONValue(parsing: opened)?["event"]?["message"]?["message_id"] == "om_text")
    }

    @Test("Items are a response of the API: of a list, or of one message with all in it")
    func items() async throws {
        let list = try #require(try lines(try await dump("format=items")).first)
        #expect(list["code"] == 0)
        #expect(list["data"]?["has_more"] == false)
        let items = list["data"]?["items"]?.elements ?? []
        #expect(items.map { $0["message_id"] } == ["om_text", "om_root", "om_outer", "om_card", "om_recalled"])
        #expect(items.last?["body"]?["content"] == "This message was recalled")
        let one = try #require(try lines(try await dump("format=items&message_id=om_outer")).first)
        #expect(one["data"]?["items"]?.elements?.map { $0["message_id"] } == ["om_outer", "om_child"])
        let card = try await dump("format=items&message_id=om_card&card_msg_content_type=raw_card_content")
        #expect(card.text.contains("origin_key"))
    }

    @Test("The command line's JSON spans lines, has rendered text, and nests the replies of a thread")
    func commandLine() async throws {
        let reply = try await dump("format=cli-json")
        #expect(reply.text.split(separator: "\n").count > 50)
        let document = try #require(JSONValue(parsing: reply.text))
        #expect(document["ok"] == true)
        let messages = document["data"]?["messages"]?.elements ?? []
        #expect(
            messages.map { $0["content"] } == [
                "hello @An", "[Image: img_1]",
                "<forwarded_messages>\n[2025-10-09T08:53:20Z] Li:\n    [Image: img_2]\n</forwarded_messages>",
                "<card>\n🖼️ Image(img_key:img_3)\n</card>", "[Invalid image JSON]",
            ])
        #expect(messages.map { $0["create_time"] }.first == "2025-10-09 08:53")
        let replies = messages[1]["thread_replies"]?.elements ?? []
        #expect(replies.map { $0["content"] } == [#"<file key="f_1" name="a\"b"/>"#])
        #expect(replies.first?["thread_id"] == "omt_1")
        #expect(replies.first?["reply_to"] == nil)
        #expect(messages[4]["reply_to"] == "om_text")
        let forwarded = messages[2]["resources"]?.elements ?? []
        #expect(forwarded.map { $0["message_id"] } == ["om_outer"])
        #expect(forwarded.map { $0["key"] } == ["img_2"])
        #expect(messages.map { $0["resources"] == nil } == [true, false, false, true, true])
    }

    @Test("The command line's lines are bare messages, without resources if none were downloaded")
    func commandLineLines() async throws {
        let messages = try lines(try await dump("format=cli-ndjson&resources=false"))
        #expect(messages.map { $0["message_id"] } == ["om_text", "om_root", "om_outer", "om_card", "om_recalled"])
        #expect(messages.allSatisfy { $0["resources"] == nil })
        let events = try lines(try await dump("format=cli-events"))
        #expect(events[2]["content"] == #"<file key="f_1" name="a\"b"/>"#)
        #expect(events[2]["root_id"] == "om_root")
        #expect(events[2]["tenant_key"] == nil)
    }

    @Test(
        "Every marker of the command line is written",
        arguments: [
            ("audio", ["file_key": "f_1", "duration": 2000], #"<audio key="f_1" duration="2s"/>"#),
            (
                "media", ["file_key": "f_1", "file_name": "a.mp4", "image_key": "img_1"],
                #"<video key="f_1" name="a.mp4" cover_image_key="img_1"/>"#
            ),
            ("folder", ["file_key": "f_1", "file_name": "photos"], #"<folder key="f_1" name="photos"/>"#),
            ("sticker", ["file_key": "v3_1"], "[Sticker]"),
            (
                "post",
                [
                    "title": "T",
                    "content": [
                        [["tag": "text", "text": "a"], ["tag": "img", "image_key": "img_1"]],
                        [["tag": "media", "file_key": "f_1"]],
                    ],
                    "files": [["file_key": "f_2", "file_name": "b"], ["file_key": "f_3", "is_folder": true]],
                ], "T\na![Image](img_1)\n[Media: f_1]\n<file key=\"f_2\" name=\"b\"/>\n<folder key=\"f_3\"/>"
            ),
            ("hongbao", ["text": "x"], "[hongbao]"),
            ("text", "no JSON", "[Invalid text JSON]"),
        ] as [(String, JSONValue, String)])
    func markers(_ type: String, _ content: JSONValue, _ expected: String) async throws {
        try await withPlatform { emulator, _ in
            let message = SeededMessage(messageID: "om_1", chatID: "oc_1", type: type, content: content)
            emulator.seedMessage(message, appID: "cli_a")
            let text = try #require(emulator.dump(chatID: "oc_1", as: .commandLineLines))
            #expect(JSONValue(parsing: text)?["content"]?.string == expected)
        }
    }

    @Test("A wrong request says what is wrong")
    func wrong() async throws {
        for query in ["", "format=xml", "format=items&message_id=om_none", "format=items&app_id=cli_none"] {
            let reply = try await dump(query)
            #expect(reply.status == 400, "\(query)")
            #expect(reply.text.hasSuffix("\n"))
        }
        #expect(try await dump("format=xml").text.contains("events-encrypted"))
    }
}
