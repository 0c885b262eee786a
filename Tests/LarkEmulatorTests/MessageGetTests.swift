import LarkEmulator
import Testing

@Suite("Get message")
struct MessageGetTests {
    @Test("An item has the documented shape")
    func item() async throws {
        try await withPlatform { emulator, client in
            var seeded = SeededMessage(
                messageID: "om_1", chatID: "oc_1", type: "text", content: ["text": "@_user_1 hello"])
            seeded.rootID = "om_root"
            seeded.parentID = "om_parent"
            seeded.threadID = "omt_1"
            seeded.createTime = "1760000000001"
            seeded.sender = MessageSender(.user, id: "ou_12345678", tenantKey: "tenant2")
            seeded.mentions = [MessageMention(key: "@_user_1", id: "ou_87654321", name: "Li", tenantKey: "tenant1")]
            emulator.seedMessage(seeded, appID: "cli_a")
            let reply = try await client.messages("/om_1", token: try await client.token())
            #expect(
                reply.items == [
                    [
                        "message_id": "om_1", "root_id": "om_root", "parent_id": "om_parent", "thread_id": "omt_1",
                        "msg_type": "text", "create_time": "1760000000001", "update_time": "1760000000001",
                        "deleted": false, "updated": false, "chat_id": "oc_1",
                        "sender": [
                            "id": "ou_12345678", "id_type": "open_id", "sender_type": "user", "tenant_key": "tenant2",
                        ],
                        "body": ["content": #"{"text":"@_user_1 hello"}"#],
                        "mentions": [
                            [
                                "key": "@_user_1", "id": "ou_87654321", "id_type": "open_id", "name": "Li",
                                "tenant_key": "tenant1",
                            ]
                        ],
                    ]
                ])
            #expect(reply.json?["msg"] == "success")
            #expect(emulator.journal.last?.api == .messageGet)
            #expect(emulator.journal.last?.messageID == "om_1")
        }
    }

    @Test("Users have the identifier that is asked for, apps their app_id")
    func identifiers() async throws {
        try await withPlatform { emulator, client in
            let token = try await client.token()
            let user = emulator.seedMessage(SeededMessage(), appID: "cli_a")
            let reply = try await client.messages("/\(user)?user_id_type=union_id", token: token)
            #expect(reply.items.first?["sender"]?["id_type"] == "union_id")
            #expect(reply.items.first?["sender"]?["id"]?.string?.hasPrefix("on_") == true)
            #expect(try await client.messages("/\(user)?user_id_type=email", token: token).code == 230001)
            var sent = SeededMessage()
            sent.sender = MessageSender(.app, id: "cli_other")
            sent.sender?.name = "Bot"
            let app = emulator.seedMessage(sent, appID: "cli_a")
            let sender = try await client.messages("/\(app)?user_id_type=union_id", token: token).items.first?["sender"]
            #expect(sender?["id"] == "cli_other")
            #expect(sender?["id_type"] == "app_id")
            #expect(sender?["sender_type"] == "app")
            #expect(sender?["sender_name"] == nil)
            let named = try await client.messages("/\(app)?with_sender_name=true", token: token).items.first
            #expect(named?["sender"]?["sender_name"] == "Bot")
        }
    }

    @Test("A message that was seeded with resources alone names them in its content")
    func derived() async throws {
        try await withPlatform { emulator, client in
            let resource = SeededMessage.Resource(key: "img_u", bytes: png())
            let id = emulator.seedMessage(SeededMessage(resources: [resource]), appID: "cli_a")
            let item = try await client.messages("/\(id)", token: try await client.token()).items.first
            #expect(item?["msg_type"] == "image")
            #expect(item?["body"]?["content"] == #"{"image_key":"img_u"}"#)
        }
    }

    @Test("A recalled message has no content; a switch refuses it")
    func recalled() async throws {
        try await withPlatform { emulator, client in
            var seeded = SeededMessage(type: "image", content: ["image_key": "img_1"])
            seeded.isDeleted = true
            let id = emulator.seedMessage(seeded, appID: "cli_a")
            let token = try await client.token()
            let item = try await client.messages("/\(id)", token: token).items.first
            #expect(item?["deleted"] == true)
            #expect(item?["body"] == nil)
            #expect(try await client.resource(id, "img_1", token: token).code == 230110)
            emulator.setBehaviour { $0.refusesRecalledMessages = true }
            #expect(try await client.messages("/\(id)", token: token).code == 230110)
        }
    }

    @Test("What keeps an app from a chat has a code for messages and one for their resources")
    func refusals() async throws {
        try await withPlatform { emulator, client in
            let token = try await client.token()
            var message = SeededMessage(messageID: "om_1", type: "image", content: ["image_key": "img_1"])
            message.createTime = "1000"
            func codes(_ change: (inout SeededChat) -> Void) async throws -> [Int?] {
                var chat = SeededChat(chatID: "oc_1", messages: [message])
                change(&chat)
                emulator.seedChat(chat, appID: "cli_a")
                let get = try await client.messages("/om_1", token: token).code
                let resource = try await client.resource("om_1", "img_1", token: token)
                return [get, resource.status == 200 ? 0 : resource.code]
            }
            #expect(try await codes { _ in } == [0, 0])
            #expect(try await codes { $0.hasBot = false } == [230002, 234004])
            #expect(try await codes { $0.isExternal = true } == [230027, 234009])
            #expect(try await codes { $0.isRestricted = true } == [0, 234038])
            #expect(try await codes { $0.historyStart = 1001 } == [230050, 234040])
            #expect(try await codes { $0.historyStart = 1000 } == [0, 0])
            #expect(try await client.messages("/om_none", token: token).code == 230001)
            #expect(try await client.messages("/om%2e", token: token).code == 230001)
            let foreign = try await client.token("cli_b")
            #expect(try await client.messages("/om_1", token: foreign).code == 230001)
            emulator.setBot(false, appID: "cli_a")
            #expect(try await client.messages("/om_1", token: token).code == 230006)
        }
    }

    @Test("Without a scope for messages it is 99991672, and without that for groups 230027")
    func scopes() async throws {
        try await withPlatform { emulator, client in
            let token = try await client.token()
            emulator.seedChat(SeededChat(messages: [SeededMessage(messageID: "om_group")]), appID: "cli_a")
            emulator.seedChat(SeededChat(kind: .p2p, messages: [SeededMessage(messageID: "om_p2p")]), appID: "cli_a")
            emulator.setScopes(["im:message:readonly"], appID: "cli_a")
            #expect(try await client.messages("/om_p2p", token: token).code == 0)
            #expect(try await client.messages("/om_group", token: token).code == 230027)
            emulator.setScopes(["im:resource"], appID: "cli_a")
            let reply = try await client.messages("/om_p2p", token: token)
            #expect(reply.code == 99991672)
            #expect(reply.json?["error"]?["permission_violations"] != nil)
        }
    }

    @Test("Two apps can be in one chat")
    func twoApps() async throws {
        let configuration = configured {
            $0.apps = [.custom("cli_a", secret: "s", tenantKey: "t"), .custom("cli_b", secret: "s", tenantKey: "t")]
        }
        try await withPlatform(configuration) { emulator, client in
            let token = try await client.token("cli_b")
            emulator.seedChat(SeededChat(chatID: "oc_1", messages: [SeededMessage(messageID: "om_1")]), appID: "cli_a")
            #expect(try await client.messages("/om_1", token: token).code == 230002)
            emulator.seedChat(SeededChat(chatID: "oc_1"), appID: "cli_b")
            #expect(try await client.messages("/om_1", token: token).code == 0)
        }
    }

    @Test("Faults and quotas apply as to images, and are its own")
    func faults() async throws {
        try await withPlatform(configured { $0.quota = Quota(perSecond: 1, perMinute: 9) }) { emulator, client in
            emulator.seedMessage(SeededMessage(messageID: "om_1"), appID: "cli_a")
            let token = try await client.token()
            emulator.addFault(Fault(Fault.Match(api: .messageGet, key: "om_1"), .code(2200)))
            #expect(try await client.messages("/om_1", token: token).code == 2200)
            emulator.setQuota(enforced: true)
            #expect(try await client.image("img_x", token: token).code == 234001)
            #expect(try await client.messages("/om_1", token: token).code == 0)
            #expect(try await client.messages("/om_1", token: token).code == 99991400)
        }
    }
}
