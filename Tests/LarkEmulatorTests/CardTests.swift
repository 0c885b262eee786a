import Testing

@testable import LarkEmulator

@Suite("Cards")
struct CardTests {
    private static let first: JSONValue = [
        "header": ["title": ["tag": "plain_text", "content": "Report"]],
        "elements": [
            ["tag": "img", "img_key": "img_1"],
            [
                "tag": "div", "text": ["tag": "lark_md", "content": "before"],
                "extra": ["tag": "img", "img_key": "img_2"],
            ],
            [
                "tag": "note",
                "elements": [["tag": "img", "img_key": "img_3"], ["tag": "plain_text", "content": "n"]],
            ],
        ],
    ]
    private static let second: JSONValue = [
        "schema": "2.0",
        "header": ["icon": ["tag": "custom_icon", "img_key": "img_1"]],
        "body": [
            "elements": [
                ["tag": "markdown", "content": "see ![x](img_2)"],
                ["tag": "img_combination", "img_list": [["img_key": "img_3"], ["img_key": "img_2"]]],
                ["tag": "icon", "icon": ["tag": "standard_icon", "token": "chat_outlined"]],
            ]
        ],
    ]

    /// The content of a card's only item in a form.
    private func content(
        _ card: SeededCard, _ form: String? = nil, in emulator: Emulator, _ client: PlatformClient
    ) async throws -> JSONValue? {
        var message = SeededMessage()
        message.card = card
        let id = emulator.seedMessage(message, appID: "cli_a")
        let query = form.map { "?card_msg_content_type=\($0)" } ?? ""
        let items = try await client.messages("/\(id)\(query)", token: try await client.token()).items
        #expect(items.count == 1)
        #expect(items.first?["msg_type"] == "interactive")
        return items.first?["body"]?["content"]?.string.flatMap { JSONValue(parsing: $0) }
    }

    @Test("Without a parameter a card 1.0 is simplified, and a card 2.0 only a line")
    func standard() async throws {
        try await withPlatform { emulator, client in
            let expected: JSONValue = [
                "title": "Report",
                "elements": [
                    [["tag": "img", "image_key": "img_1"]],
                    [["tag": "text", "text": "before"], ["tag": "img", "image_key": "img_2"]],
                    [
                        [
                            "tag": "note",
                            "elements": [["tag": "img", "image_key": "img_3"], ["tag": "text", "text": "n"]],
                        ]
                    ],
                ],
            ]
            let first = try await content(SeededCard(Self.first), in: emulator, client)
            #expect(first == expected)
            let second = try await content(SeededCard(Self.second), in: emulator, client)
            #expect(
                second == [
                    "title": .null, "elements": [[["tag": "text", "text": "请升级至最新版本客户端，以查看内容"]]],
                ])
        }
    }

    @Test("user_card_content is the card itself", arguments: [first, second])
    func user(_ card: JSONValue) async throws {
        try await withPlatform { emulator, client in
            let shown = try await content(SeededCard(card), "user_card_content", in: emulator, client)
            #expect(shown == card)
        }
    }

    @Test("raw_card_content numbers the images; their keys are in the attachment, a text or an object")
    func raw() async throws {
        try await withPlatform { emulator, client in
            for form in [SeededCard.AttachmentForm.string, .object] {
                let card = SeededCard(Self.second, attachment: form)
                let raw = try #require(try await content(card, "raw_card_content", in: emulator, client))
                #expect(raw["card_schema"] == 2)
                let text = try #require(raw["json_card"]?.string)
                #expect(!text.contains("img_1") && !text.contains("img_2") && text.contains(#""imageID":"3""#))
                let stored = raw["json_attachment"]
                #expect((stored?.string == nil) == (form == .object))
                let attachment = stored?.string.flatMap { JSONValue(parsing: $0) } ?? stored
                let keys = ["1", "2", "3"].map { attachment?["images"]?[$0]?["origin_key"]?.string }
                #expect(Set(keys) == ["img_1", "img_2", "img_3"])
                #expect(attachment?["images"]?["4"] == nil)
                #expect(attachment?["images"]?["1"]?["token"] == "tok_1")
            }
        }
    }

    @Test("The images of cards are refused or served, as a switch says")
    func resources() async throws {
        try await withPlatform { emulator, client in
            var message = SeededMessage(messageID: "om_card")
            message.card = SeededCard(Self.second)
            emulator.seedMessage(message, appID: "cli_a")
            let token = try await client.token()
            #expect(try await client.resource("om_card", "img_1", token: token).code == 234043)
            emulator.setBehaviour { $0.cardResources = .serve }
            for key in ["img_1", "img_2", "img_3"] {
                #expect(try await client.resource("om_card", key, token: token).status == 200)
            }
            #expect(try await client.resource("om_card", "chat_outlined", token: token).code == 234003)
        }
    }

    @Test("An unknown form is 230001")
    func unknownForm() async throws {
        try await withPlatform { emulator, client in
            let id = emulator.seedMessage(SeededMessage(), appID: "cli_a")
            let reply = try await client.messages("/\(id)?card_msg_content_type=x", token: try await client.token())
            #expect(reply.code == 230001)
        }
    }
}
