import LarkEmulator
import Testing

@Suite("List messages")
struct MessageListTests {
    /// A chat with one message a second from second 100 on.
    private func chat(_ count: Int, change: (inout SeededMessage, Int) -> Void = { _, _ in }) -> SeededChat {
        let messages = (0..<count)
            .map { number in
                var message = SeededMessage(messageID: "om_\(number)", content: ["text": .text("\(number)")])
                message.createTime = "\(100 + number)500"
                change(&message, number)
                return message
            }
        return SeededChat(chatID: "oc_1", messages: messages)
    }

    /// The numbers of the messages on a page.
    private func numbers(_ reply: PlatformClient.Reply) -> [Int] {
        reply.items.compactMap { $0["message_id"]?.string.flatMap { Int($0.dropFirst(3)) } }
    }

    private static let inChat = "?container_id_type=chat&container_id=oc_1"
    private static let inThread = "?container_id_type=thread&container_id=omt_1"

    @Test("A chat comes page by page, each message once, in either order")
    func pages() async throws {
        try await withPlatform { emulator, client in
            emulator.seedChat(chat(45), appID: "cli_a")
            let token = try await client.token()
            let first = try await client.messages(Self.inChat, token: token)
            #expect(numbers(first) == Array(0..<20))
            #expect(first.json?["data"]?["has_more"] == true)
            var pages: [[Int]] = []
            var next = ""
            repeat {
                let reply = try await client.messages(
                    "\(Self.inChat)&sort_type=ByCreateTimeDesc&page_size=20&page_token=\(next)", token: token)
                pages.append(numbers(reply))
                next = reply.json?["data"]?["page_token"]?.string ?? ""
                #expect(reply.json?["data"]?["has_more"] == .bool(!next.isEmpty))
            } while !next.isEmpty && pages.count < 9
            #expect(pages.map(\.count) == [20, 20, 5])
            #expect(pages.flatMap { $0 } == (0..<45).reversed())
        }
    }

    @Test("A message that arrives between two pages neither repeats nor skips one")
    func arrival() async throws {
        try await withPlatform { emulator, client in
            emulator.seedChat(chat(4), appID: "cli_a")
            let token = try await client.token()
            let query = "\(Self.inChat)&sort_type=ByCreateTimeDesc&page_size=2"
            let first = try await client.messages(query, token: token)
            #expect(numbers(first) == [3, 2])
            var late = SeededMessage(messageID: "om_9", chatID: "oc_1")
            late.createTime = "999000"
            emulator.seedMessage(late, appID: "cli_a")
            let next = try #require(first.json?["data"]?["page_token"]?.string)
            #expect(try await numbers(client.messages("\(query)&page_token=\(next)", token: token)) == [1, 0])
        }
    }

    @Test("The window is in seconds, both ends included")
    func window() async throws {
        try await withPlatform { emulator, client in
            emulator.seedChat(chat(5), appID: "cli_a")
            let token = try await client.token()
            for (window, expected) in [
                ("&start_time=102", [2, 3, 4]), ("&end_time=101", [0, 1]), ("&start_time=101&end_time=103", [1, 2, 3]),
                ("&start_time=102000", []),
            ] {
                #expect(try await numbers(client.messages(Self.inChat + window, token: token)) == expected, "\(window)")
            }
        }
    }

    @Test("The replies in a thread come with the thread, not with the chat; other replies with the chat")
    func threads() async throws {
        try await withPlatform { emulator, client in
            let seeded = chat(4) { message, number in
                if number < 3 { message.threadID = "omt_1" }
                if number > 0 { message.rootID = "om_0" }
            }
            emulator.seedChat(seeded, appID: "cli_a")
            let token = try await client.token()
            #expect(try await numbers(client.messages(Self.inChat, token: token)) == [0, 3])
            #expect(try await numbers(client.messages(Self.inThread, token: token)) == [0, 1, 2])
            #expect(try await client.messages("\(Self.inThread)&start_time=1", token: token).code == 230001)
        }
    }

    @Test("A recalled message is in a list with a fixed text; the messages in a container are not")
    func shapes() async throws {
        try await withPlatform { emulator, client in
            let seeded = chat(2) { message, number in
                if number == 0 { message.isDeleted = true }
                if number == 1 { message.children = [SeededMessage(messageID: "om_child")] }
            }
            emulator.seedChat(seeded, appID: "cli_a")
            let items = try await client.messages(Self.inChat, token: try await client.token()).items
            #expect(items.map { $0["msg_type"] } == ["text", "merge_forward"])
            #expect(items.map { $0["deleted"] } == [true, false])
            #expect(items.first?["body"]?["content"] == "This message was recalled")
        }
    }

    @Test("Cards have the form that is asked for")
    func cards() async throws {
        try await withPlatform { emulator, client in
            let seeded = chat(1) { message, _ in message.card = SeededCard(["schema": "2.0"]) }
            emulator.seedChat(seeded, appID: "cli_a")
            let token = try await client.token()
            let reply = try await client.messages(
                "\(Self.inChat)&card_msg_content_type=user_card_content", token: token)
            #expect(reply.items.first?["body"]?["content"] == #"{"schema":"2.0"}"#)
        }
    }

    @Test(
        "A wrong parameter is 230001",
        arguments: [
            "", "?container_id_type=chat", "?container_id=oc_1", "?container_id_type=message&container_id=om_0",
            "\(inChat)&page_size=0", "\(inChat)&page_size=51", "\(inChat)&page_size=x", "\(inChat)&sort_type=ByName",
            "\(inChat)&start_time=abc", "\(inChat)&end_time=-1", "\(inChat)&start_time=2&end_time=1",
            "\(inChat)&card_msg_content_type=x", "\(inChat)&page_token=forged", "\(inChat)x", "\(inThread)x",
        ])
    func parameters(_ query: String) async throws {
        try await withPlatform { emulator, client in
            emulator.seedChat(chat(1), appID: "cli_a")
            let reply = try await client.messages(query, token: try await client.token())
            #expect(reply.status == 400)
            #expect(reply.code == 230001)
        }
    }

    @Test("A page_token belongs to its query, its app and its tenant; only the page size may change")
    func boundToken() async throws {
        try await withPlatform { emulator, client in
            emulator.seedChat(chat(9), appID: "cli_a")
            let token = try await client.token()
            let first = try await client.messages("\(Self.inChat)&page_size=2", token: token)
            let next = try #require(first.json?["data"]?["page_token"]?.string)
            for change in ["&sort_type=ByCreateTimeDesc", "&start_time=1", "&card_msg_content_type=raw_card_content"] {
                let reply = try await client.messages("\(Self.inChat)\(change)&page_token=\(next)", token: token)
                #expect(reply.code == 230001, "\(change)")
            }
            let foreign = try await client.token("cli_b")
            #expect(try await client.messages("\(Self.inChat)&page_token=\(next)", token: foreign).code == 230001)
            let second = try await client.messages("\(Self.inChat)&page_size=3&page_token=\(next)", token: token)
            #expect(numbers(second) == [2, 3, 4])
        }
    }

    @Test("What keeps an app from a chat or a thread has its code")
    func refusals() async throws {
        try await withPlatform { emulator, client in
            let token = try await client.token()
            func codes(_ change: (inout SeededChat) -> Void) async throws -> [Int?] {
                var seeded = chat(2) { message, _ in message.threadID = "omt_1" }
                change(&seeded)
                emulator.seedChat(seeded, appID: "cli_a")
                return [
                    try await client.messages(Self.inChat, token: token).code,
                    try await client.messages(Self.inThread, token: token).code,
                ]
            }
            #expect(try await codes { _ in } == [0, 0])
            #expect(try await codes { $0.hasBot = false } == [230002, 230002])
            #expect(try await codes { $0.isExternal = true } == [230027, 230027])
            #expect(try await codes { $0.isRestricted = true } == [231203, 231203])
            #expect(try await codes { $0.historyStart = 101_000 } == [0, 230073])
            #expect(try await numbers(client.messages(Self.inChat, token: token)) == [1])
            emulator.setScopes(["im:message.history:readonly"], appID: "cli_a")
            #expect(try await client.messages(Self.inChat, token: token).code == 230027)
            emulator.setScopes([], appID: "cli_a")
            #expect(try await client.messages(Self.inChat, token: token).code == 99991672)
            emulator.setBot(false, appID: "cli_a")
            emulator.setScopes(["im:message"], appID: "cli_a")
            #expect(try await client.messages(Self.inChat, token: token).code == 230006)
        }
    }

    @Test("mget returns the messages that it may, up to 50 at once, and can be absent")
    func batches() async throws {
        try await withPlatform { emulator, client in
            emulator.seedChat(chat(3), appID: "cli_a")
            let token = try await client.token()
            let reply = try await client.messages(
                "/mget?message_ids=om_2&message_ids=om_none&message_ids=om_0", token: token)
            #expect(numbers(reply) == [2, 0])
            #expect(emulator.count(of: .messageBatchGet) == 1)
            let ids = Array(repeating: "message_ids=om_0", count: 51)
            #expect(try await client.messages("/mget?\(ids.dropLast().joined(separator: "&"))", token: token).code == 0)
            #expect(try await client.messages("/mget?\(ids.joined(separator: "&"))", token: token).code == 230001)
            #expect(try await client.messages("/mget", token: token).code == 230001)
            emulator.setBehaviour { $0.servesMessageBatches = false }
            let absent = try await client.messages("/mget?message_ids=om_0", token: token)
            #expect(absent.status == 404)
            #expect(absent.text == "404 page not found")
        }
    }
}
