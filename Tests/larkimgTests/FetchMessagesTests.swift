import FoundationEssentials
import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("larkimg fetch with messages", .timeLimit(.minutes(10)))
struct FetchMessagesTests {
    /// A chat with images in every place where a message may hold one: `img_1` to `img_9`.
    private static let chat = #"""
        {"chat_id":"oc_1","messages":[
          {"message_id":"om_image","content":{"image_key":"img_1"},"create_time":"1760000000000",
           "sender":{"type":"user","id":"ou_li"}},
          {"message_id":"om_post","msg_type":"post","content":{"zh_cn":{"title":"t","content":[[
            {"tag":"img","image_key":"img_2"},{"tag":"media","file_key":"file_1","image_key":"img_3"}]]}}},
          {"message_id":"om_bundle","children":[
            {"message_id":"om_child","content":{"image_key":"img_4"}},
            {"message_id":"om_inner","children":[{"message_id":"om_deep","content":{"image_key":"img_5"}}]}]},
          {"message_id":"om_reply","msg_type":"text","parent_id":"om_image","root_id":"om_image",
           "content":{"text":"see above"}},
          {"message_id":"om_card","card":{"user":{"schema":"2.0","body":{"elements":[
            {"tag":"img","img_key":"img_6"},{"tag":"markdown","content":"![x](img_7)"}]}}}},
          {"message_id":"om_video","msg_type":"media",
           "content":{"file_key":"file_2","image_key":"img_8","file_name":"a.mp4"}},
          {"message_id":"om_sticker","msg_type":"sticker","content":{"file_key":"v3_1"}},
          {"message_id":"om_again","content":{"image_key":"img_1"}}]}
        """#

    private func seed(_ chat: String = chat, at cli: CLIHarness) throws {
        let chat = try JSONDecoder().decode(SeededChat.self, from: Data(chat.utf8))
        cli.emulator.seedChat(chat, appID: CLIHarness.appID)
        cli.emulator.setBehaviour { $0.cardResources = .serve }
    }

    private func fetch(
        _ text: String, _ options: String..., at cli: CLIHarness
    ) async throws -> BuiltProgram.Ending {
        try cli.folder.write(Array(text.utf8), to: "messages")
        return try await cli.larkimg(["fetch", "-i", "../messages", "--tenant", "acme"] + options)
    }

    @Test("What cannot be downloaded is told with its reason and its line, and is no failure")
    func unavailable() async throws {
        try await withCLI { cli in
            let ending = try await fetch(
                """
                {"message_id":"om_1","msg_type":"sticker","body":{"content":"{\\"file_key\\":\\"v3_1\\"}"}}
                {"message_id":"om_2","msg_type":"hologram","body":{"content":"{}"}}
                {"message_id":"om_3","msg_type":"text","body":{"content":"{\\"text\\":\\"img_9\\"}"}}
                """, at: cli)
            #expect(ending.status == 0, "\(ending.errors)")
            let lines = ending.errors.split(separator: "\n").map(String.init)
            #expect(lines.first == "larkimg: ../messages: line 1: om_1: a sticker cannot be downloaded")
            #expect(
                lines.dropFirst().first?.hasPrefix("larkimg: ../messages: line 2: om_2: messages of the type") == true)
            #expect(lines.last?.contains("2 not available") == true)
            #expect(cli.emulator.journal.isEmpty, "nothing is sent")
        }
    }

    @Test("An error of the platform, a message that cannot be decrypted, and a broken line are invalid, and kept")
    func invalid() async throws {
        try await withCLI { cli in
            try seed(at: cli)
            let bad = [
                #"{"code":230002,"msg":"The bot can NOT be out of the chat."}"#, #"{"encrypt":"AAAA"}"#, #"{"schema":"#,
            ]
            let ending = try await fetch(
                bad.joined(separator: "\n") + "\n" + #"{"message_id":"om_image","image_key":"img_1"}"#,
                "--errors-to", "failed", at: cli)
            #expect(ending.status == 1)
            for number in 1...3 { #expect(ending.errors.contains("line \(number): "), "\(ending.errors)") }
            #expect(ending.lines == ["img_1.gif"])
            let kept = String(decoding: try cli.folder.read("work/failed"), as: UTF8.self)
            for line in bad { #expect(kept.contains(line)) }
        }
    }

    @Test(
        "Every image of a chat is saved, whatever wrote down its messages",
        arguments: ["events", "events-1.0", "items", "cli-json", "cli-ndjson", "cli-events"])
    func formats(_ format: String) async throws {
        try await withCLI { cli in
            try seed(at: cli)
            let dump = try #require(
                DumpFormat(rawValue: format).flatMap { cli.emulator.dump(chatID: "oc_1", as: $0) })
            let ending = try await fetch(dump, at: cli)
            #expect(ending.status == 0, "\(ending.errors)")
            let images = try cli.files().filter { $0.hasSuffix(".gif") }
            let wanted =
                switch format {
                // Without cards and forwarded messages.
                case "events-1.0": [1, 2, 3, 8]
                // lark-cli leaves out the cover of a video in a post.
                case "cli-json", "cli-ndjson", "cli-events": [1, 2, 4, 5, 6, 7, 8]
                default: Array(1...8)
                }
            #expect(images == wanted.map { "img_\($0).gif" }, "\(ending.errors)")
            #expect(cli.emulator.count(of: .messageResourceGet) == wanted.count, "each image once: \(images)")
        }
    }

    @Test(
        "The message that owns an image is found from one in which it was seen",
        arguments: [
            // The id of a forwarded message, of a reply, of another message of the chat, and of a message that is gone.
            ("om_child/img_4", true), ("om_deep/img_5", true), ("om_reply/img_1", true), ("om_video/img_1", true),
            ("om_post/img_9", false),
        ])
    func owner(_ seen: String, isFound: Bool) async throws {
        try await withCLI { cli in
            try seed(at: cli)
            let parts = seen.split(separator: "/")
            let item =
                #"{"message_id":"\#(parts[0])","upper_message_id":"om_bundle","msg_type":"image","#
                + #""body":{"content":"{\"image_key\":\"\#(parts[1])\"}"}}"#
            let isForwarded = ["om_child", "om_deep"].contains(String(parts[0]))
            let ending = try await fetch(isForwarded ? item : seen, "--json", at: cli)
            if isFound {
                #expect(ending.status == 0, "\(ending.errors)")
                #expect(try cli.files() == ["\(parts[1]).gif"])
            } else {
                #expect(ending.status == 66)
                #expect(ending.text.contains(#""code":234003"#), "\(ending.text)")
                #expect(try cli.files() == [])
            }
        }
    }

    @Test("With --no-resolve no message is requested, and the error stands")
    func noResolve() async throws {
        try await withCLI { cli in
            try seed(at: cli)
            let ending = try await fetch("om_reply/img_1", "--no-resolve", at: cli)
            #expect(ending.status == 66)
            #expect(cli.emulator.count(of: .messageGet) + cli.emulator.count(of: .messageList) == 0)
        }
    }

    @Test("A refusal says what else was tried")
    func tried() async throws {
        try await withCLI { cli in
            try seed(at: cli)
            cli.emulator.setBehaviour { $0.forwardedResources = .refuse }
            let ending = try await fetch(
                #"{"message_id":"om_bundle","msg_type":"merge_forward","body":{"content":""}}"#, at: cli)
            #expect(ending.status == 1 || ending.status == 77)
            #expect(ending.errors.contains("also tried: om_child"), "\(ending.errors)")
        }
    }

    @Test("An image in many messages is one request, and a second run sends none")
    func once() async throws {
        try await withCLI { cli in
            let images = 100
            let lines = 20 * min(TestLength.factor, 5) * images
            let messages = (0..<lines)
                .map { #"{"message_id":"om_\#($0)","content":{"image_key":"img_\#($0 % images)"}}"# }
            try seed(#"{"chat_id":"oc_1","messages":[\#(messages.joined(separator: ","))]}"#, at: cli)
            let dump = try #require(cli.emulator.dump(chatID: "oc_1", as: .events))
            let template = ["--name-template", "{chat}/{message_id}-{key}.{ext}"]
            try cli.folder.write(Array(dump.utf8), to: "messages")
            let arguments = ["fetch", "-i", "../messages", "--tenant", "acme", "-d", "out"] + template
            let first = try await cli.larkimg(arguments)
            #expect(first.status == 0, "\(first.errors.suffix(2000))")
            #expect(first.lines.count == lines)
            #expect(cli.emulator.count(of: .messageResourceGet) == images)
            #expect(try cli.folder.names(in: "work/out/oc_1").count == lines)
            let second = try await cli.larkimg(arguments)
            #expect(second.status == 0)
            #expect(second.errors.contains("\(lines) already there"), "\(second.errors)")
            #expect(cli.emulator.count(of: .messageResourceGet) == images)
        }
    }

    @Test("Names, times and facts of the message are those of its sender, made harmless")
    func names() async throws {
        try await withCLI { cli in
            try seed(
                #"""
                {"chat_id":"oc_1","messages":[{"message_id":"om_1","msg_type":"file","create_time":"1760000000000",
                  "sender":{"type":"user","id":"ou_li"},
                  "content":{"file_key":"file_1","file_name":"../../报价\u202e 7.xlsx"}}]}
                """#, at: cli)
            let dump = try #require(cli.emulator.dump(chatID: "oc_1", as: .events))
            let ending = try await fetch(
                dump, "--type", "file", "--mtime", "--sidecar",
                "--name-template", "{chat}/{date}_{time}_{sender}_{key}_{file_name}", at: cli)
            #expect(ending.status == 0, "\(ending.errors)")
            let path = "oc_1/2025-10-09_085320_ou_li_file_1__.._报价_ 7.xlsx"
            #expect(ending.lines == [path])
            let file = cli.folder.path.appending("work").appending(path)
            var status = stat()
            #expect(stat(file.string, &status) == 0)
            #expect(status.st_mtim.tv_sec == 1_760_000_000)
            let sidecar = String(decoding: try cli.folder.read("work/\(path).json"), as: UTF8.self)
            for part in [
                #""chat_id":"oc_1""#, #""create_time":"2025-10-09T08:53:20Z""#, #""message_id":"om_1""#,
                #""sender_id":"ou_li""#, #""image_key":"file_1""#,
            ] { #expect(sidecar.contains(part), "\(sidecar)") }
        }
    }

    @Test("A message in a list without a key stands for all that it holds")
    func wholeMessage() async throws {
        try await withCLI { cli in
            try seed(at: cli)
            let ending = try await fetch(#"{"message_id":"om_bundle","tenant":"acme"}"#, at: cli)
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try cli.files() == ["img_4.gif", "img_5.gif"])
            let dry = try await fetch(#"{"message_id":"om_bundle","tenant":"acme"}"#, "--dry-run", at: cli)
            #expect(dry.lines == ["would look into om_bundle"])
        }
    }

    @Test("The tenant of an event is the one with its app_id and tenant_key, whatever --tenant says")
    func tenants() async throws {
        try await withCLI { cli in
            try seed(at: cli)
            try await cli.addTenant("other", appID: "cli_elsewhere")
            let dump = try #require(cli.emulator.dump(chatID: "oc_1", messageID: "om_image", as: .events))
            try cli.folder.write(Array(dump.utf8), to: "messages")
            let ending = try await cli.larkimg(
                ["fetch", "-i", "../messages", "--tenant", "other", "--name-template", "{tenant}-{key}.{ext}"])
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try cli.files() == ["acme-img_1.gif"])
        }
    }

    @Test("What no message gives to the app is not requested again, until --retry-gone says so or it is delivered")
    func gone() async throws {
        try await withCLI { cli in
            try seed(at: cli)
            func requests() -> Int { cli.emulator.count(of: .messageResourceGet) + cli.emulator.count(of: .messageGet) }
            #expect(try await fetch("om_post/img_9", at: cli).status == 66)
            let first = requests()
            let second = try await fetch("om_post/img_9", "--json", at: cli)
            #expect(second.status == 0, "\(second.errors)")
            #expect(second.text.contains(#""status":"gone""#), "\(second.text)")
            #expect(second.errors.contains("1 gone"), "\(second.errors)")
            #expect(requests() == first)
            #expect(try await fetch("om_post/img_9", "--retry-gone", at: cli).status == 66)
            #expect(requests() > first)
            // A key on the command line is requested whatever is known about it.
            #expect(try await cli.larkimg("fetch", "--tenant", "acme", "om_post/img_9").status == 66)

            try seed(
                #"""
                {"chat_id":"oc_1","messages":[{"message_id":"om_post","content":{"image_key":"img_9"}}]}
                """#, at: cli)
            #expect(try await fetch("om_post/img_9", "--retry-gone", at: cli).status == 0)
            #expect(try await cli.shell("rm img_9.gif").status == 0)
            #expect(try await fetch("om_post/img_9", at: cli).lines == ["img_9.gif"])
        }
    }

    @Test("An owner that a run has found is used by the next one, without a wrong request")
    func rememberedOwner() async throws {
        try await withCLI { cli in
            try seed(at: cli)
            #expect(try await fetch("om_reply/img_1", at: cli).status == 0)
            #expect(cli.emulator.count(of: .messageResourceGet) == 2, "the message itself, then the one it replies to")
            #expect(try await cli.shell("rm img_1.gif").status == 0)
            cli.emulator.clearJournal()
            #expect(try await fetch("om_reply/img_1", at: cli).status == 0)
            #expect(cli.emulator.journal.map(\.api) == [.messageResourceGet])
        }
    }

    @Test("A client of a service takes messages too, whatever store is on its machine")
    func service() async throws {
        try await withCLI { cli in
            try seed(at: cli)
            let dump = try #require(cli.emulator.dump(chatID: "oc_1", messageID: "om_image", as: .items))
            try cli.folder.write(Array(dump.utf8), to: "messages")
            try cli.folder.write(Array("not a store".utf8), to: "garbage")
            let ending = try await cli.servingOnSocket { service in
                let extra = try cli.environmentWithoutStore()
                let fetch = try await cli.larkimg(
                    "fetch", "-i", "../messages", "--tenant", "acme", "--auth-service", service.url,
                    extra: extra.merging(["LARKIMG_STORE": cli.folder.appending("garbage").string]) { $1 })
                #expect(fetch.status == 0, "\(fetch.errors)")
                #expect(fetch.lines == ["img_1.gif"])
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }
}
