import FoundationEssentials
import LarkEmulator
import Testing

@Suite("The emulator's control endpoints")
struct ControlCommandTests {
    @Test("Faults are added in short and long form, and cleared")
    func faults() async throws {
        try await withPlatform { _, client in
            let reply = try await client.post(
                "/_emulator/faults",
                [
                    "add": [
                        ["match": ["api": "images.get"], "actions": [["code": 234005]]],
                        [
                            "match": ["api": "images.get"], "skip": 1, "times": "always",
                            "actions": [["rejectToken": ["status": 401]]],
                        ],
                        ["match": ["app_id": "cli_a"], "actions": [["expire": "soon"], ["token": ""]]],
                    ]
                ]
            )
            #expect(reply.json == ["code": 0, "msg": "ok", "data": [:]])
            #expect(try await client.image("img_x", token: "t-x").code == 234005)
            #expect(try await client.image("img_x", token: "t-x").code == 99991663)
            #expect(try await client.image("img_x", token: "t-x").status == 401)
            #expect(try await client.image("img_x", token: "t-x").status == 401)
            let token = try await client.askToken()
            #expect(token.json?["expire"] == "soon")
            #expect(token.json?["tenant_access_token"] == "")
            _ = try await client.post("/_emulator/faults", ["clear": true])
            #expect(try await client.image("img_x", token: "t-x").status == 400)
        }
    }

    @Test("A wrong command does nothing and says why")
    func wrong() async throws {
        try await withPlatform { _, client in
            let unknown: JSONValue = ["clear_journal": true, "add": [["actions": [["explode": [:]]]]]]
            _ = try await client.askToken()
            let reply = try await client.post("/_emulator/faults", unknown)
            #expect(reply.status == 400)
            #expect(!reply.text.isEmpty)
            #expect(try await client.send("GET", "/_emulator/journal").json?["entries"] != [])
        }
    }

    @Test(
        "An unknown member or a wrong value is refused by name, and nothing is done",
        arguments: [
            (["claer": true], "unknown member: claer"),
            (["clear_journal": true, "quota": ["enforced": true, "rate": 3]], "unknown member: quota.rate"),
            (["switches": ["tokenLife": 60]], "unknown member: switches.tokenLife"),
            (["switches": ["tokenLifetime": "long"]], "switches.tokenLifetime: expected Int"),
            (["add": [["match": ["apis": "images.get"], "actions": ["hold"]]]], "unknown member: add[0].match.apis"),
            (
                ["add": [["actions": [["delay": ["seconds": 0]], ["cut": ["afterByte": 3]]]]]],
                "unknown member: add[0].actions[1].cut.afterByte"
            ),
            (["add": [["times": "never", "actions": ["hold"]]]], "add[0].times: it must be a number or \"always\""),
            (
                ["add": [["actions": ["explode"]]]],
                "add[0].actions: \"explode\" is not an action, or has wrong arguments"
            ),
            (["add": [["times": 1]]], "missing member: add[0].actions"),
            (
                ["seed_message": ["app_id": "cli_a", "resources": [["key": 1]]]],
                "seed_message.resources[0].key: expected String"
            ),
            (
                ["seed_chat": ["app_id": "cli_a", "messages": [["childs": []]]]],
                "unknown member: seed_chat.messages[0].childs"
            ),
            (["seed_chat": ["app_id": "cli_typo"]], "seed_chat.app_id: there is no app cli_typo"),
            (["app": ["app_id": "cli_typo", "bot": false]], "app.app_id: there is no app cli_typo"),
            (
                ["seed_image": ["app_id": "cli_a", "base64": "no base64"]],
                "seed_image.base64: Encountered Data is not valid Base64."
            ),
            ("clear", "the body: expected"),
        ] as [(JSONValue, String)])
    func strict(_ command: JSONValue, _ reason: String) async throws {
        try await withPlatform { emulator, client in
            _ = try await client.askToken()
            let reply = try await client.post("/_emulator/faults", command)
            #expect(reply.status == 400)
            #expect(reply.text.hasPrefix(reason), "\(reply.text)")
            #expect(emulator.journal.count == 1)
        }
    }

    @Test("A body that is not JSON is refused as such")
    func notJSON() async throws {
        try await withPlatform { _, client in
            let reply = try await client.send("POST", "/_emulator/faults")
            #expect(reply.text == "not JSON\n")
        }
    }

    @Test("Every action is accepted in its long form, as it is encoded")
    func longForms() async throws {
        let fault = Fault(
            .imagesGet, .delay(seconds: 0), .code(2200), .limit(status: 429, reset: nil, limit: "50"),
            .member(name: "a", value: ["b": [.null, 1]]), .header(name: "X", value: nil), .cut(afterBytes: nil))
        let text = String(decoding: try JSONEncoder().encode(["add": [fault]]), as: UTF8.self)
        let command = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        try await withPlatform { _, client in
            let reply = try await client.post("/_emulator/faults", command)
            #expect(reply.json?["code"] == 0, "\(reply.text)")
        }
    }

    @Test("Images, messages, switches, apps and the clock can be changed over HTTP")
    func changes() async throws {
        try await withPlatform { emulator, client in
            let token = try await client.token()
            let seeded = try await client.post(
                "/_emulator/faults",
                [
                    "seed_image": ["app_id": "cli_a", "base64": "aGVsbG8=", "content_type": "image/png"],
                    "seed_message": ["app_id": "cli_a", "resources": [["key": "img_u", "base64": "aGVsbG8="]]],
                    "switches": ["contentDisposition": "always"],
                ]
            )
            let key = try #require(seeded.json?["data"]?["image_key"]?.string)
            let message = try #require(seeded.json?["data"]?["message_id"]?.string)
            let image = try await client.image(key, token: token)
            #expect(image.text == "hello")
            #expect(image.header("Content-Type") == "image/png")
            #expect(image.header("Content-Disposition") != nil)
            #expect(try await client.resource(message, "img_u", token: token).text == "hello")
            _ = try await client.post("/_emulator/faults", ["app": ["app_id": "cli_a", "bot": false]])
            #expect(try await client.image(key, token: token).code == 234007)
            _ = try await client.post("/_emulator/faults", ["delete_image": .text(key)])
            #expect(try await client.image(key, token: token).code == 234005)
            let before = emulator.now
            _ = try await client.post("/_emulator/faults", ["advance_clock": 7200])
            #expect(emulator.now.timeIntervalSince(before) == 7200)
            #expect(try await client.image(key, token: token).code == 99991663)
        }
    }

    @Test("Chats with their messages, and what these leave out, are added over HTTP")
    func chats() async throws {
        try await withPlatform { _, client in
            let token = try await client.token()
            let seeded = try await client.post(
                "/_emulator/faults",
                [
                    "seed_chat": [
                        "app_id": "cli_a", "chat_id": "oc_1", "chat_type": "p2p", "bot": true, "external": false,
                        "restricted": false, "history_from": 5,
                        "messages": [
                            [
                                "message_id": "om_1", "create_time": "7", "sender": ["type": "app", "id": "cli_z"],
                                "mentions": [["key": "@_user_1", "id": "ou_1", "name": "Li"]], "deleted": false,
                                "card": ["user": ["elements": []], "attachment": "object"],
                            ],
                            ["msg_type": "merge_forward", "children": [["content": ["image_key": "img_1"]]]],
                        ],
                    ],
                    "seed_message": [
                        "app_id": "cli_a", "chat_id": "oc_1", "content": ["image_key": "img_2"],
                        "resources": [["key": "f_2", "type": "file"]],
                    ],
                ]
            )
            let data = try #require(seeded.json?["data"], "\(seeded.text)")
            #expect(data["chat_id"] == "oc_1")
            #expect(data["message_ids"]?[0] == "om_1")
            let container = try #require(data["message_ids"]?[1]?.string)
            #expect(try await client.messages("/om_1", token: token).items.first?["chat_id"] == "oc_1")
            #expect(try await client.resource(container, "img_1", token: token).status == 200)
            let message = try #require(data["message_id"]?.string)
            #expect(try await client.resource(message, "img_2", token: token).status == 200)
            #expect(
                try await client.resource(message, "f_2", type: "file", token: token).text == "The file f_2.\n")
        }
    }

    @Test("The journal has the requests, with the token that was sent")
    func journal() async throws {
        try await withPlatform { emulator, client in
            let token = try await client.token()
            _ = try await client.image("img_x", token: token)
            let entry = try #require(emulator.journal.last)
            #expect(entry.sequence == 2)
            #expect(entry.api == .imagesGet)
            #expect(entry.path == "/open-apis/im/v1/images/img_x")
            #expect(entry.header("authorization") == "Bearer \(token)")
            #expect(entry.appID == "cli_a")
            #expect(entry.status == 400)
            #expect(entry.code == 234001)
            #expect(emulator.journal.first?.body?.contains("app_secret") == true)
            #expect(emulator.journal.first?.tenantKey == entry.tenantKey)
            let json = try await client.send("GET", "/_emulator/journal?api=images.get&since=1").json
            #expect(json?["entries"]?[0]?["log_id"]?.string == entry.logID)
            #expect(emulator.journal.count == 2)
        }
    }
}

extension JSONValue {
    fileprivate subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}
