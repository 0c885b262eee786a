import FoundationEssentials
import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("larkimg keys", .timeLimit(.minutes(10)))
struct KeysCommandTests {
    /// An event of the tenant with the key `736588c9260f175d`, with one image.
    private static func event(_ id: String, _ key: String, app: String = CLIHarness.appID) -> String {
        #"{"schema":"2.0","header":{"event_id":"e","event_type":"im.message.receive_v1","app_id":"\#(app)","#
            + #""tenant_key":"736588c9260f175d"},"event":{"sender":{"sender_id":{"open_id":"ou_1"}},"message":{"#
            + #""message_id":"\#(id)","message_type":"image","content":"{\"image_key\":\"\#(key)\"}"}}}"#
    }

    private func keys(
        _ text: String, _ options: String..., at cli: CLIHarness
    ) async throws -> BuiltProgram.Ending {
        try cli.folder.write(Array(text.utf8), to: "work/messages")
        return try await cli.larkimg(["keys", "-i", "messages"] + options)
    }

    @Test("Messages, list lines, blank lines and comments can be mixed; a bad line is named and costs nothing else")
    func mixed() async throws {
        try await withCLI { cli in
            let text = """
                \u{FEFF}\(Self.event("om_1", "img_1"))\r
                # a comment

                {broken
                img_2
                globex\tom_3/img_3
                {"image_key":"img_4","message_id":"om_4","type":"image"}
                [{"message_id":"om_5","msg_type":"sticker","body":{"content":"{}"}},1]
                {"foo":1}
                \(Self.event("om_6", "img_6", app: "cli_other"))
                """
            let ending = try await keys(text, at: cli)
            #expect(ending.status == 1)
            // The tenant with this app is acme; the other app is not registered.
            #expect(
                ending.lines == ["acme\tom_1/img_1", "img_2", "globex\tom_3/img_3", "om_4/img_4", "om_6/img_6"],
                "\(ending.errors)")
            let errors = ending.errors.split(separator: "\n").map(String.init)
            try #require(errors.count == 3, "\(ending.errors)")
            #expect(errors[0].hasPrefix("larkimg: messages: line 4: it is not JSON at byte 2"))
            #expect(errors[1] == "larkimg: messages: line 8: om_5: a sticker cannot be downloaded")
            #expect(errors[2] == "larkimg: messages: line 9: it is no message, and has no image_key")
            #expect(cli.emulator.journal.isEmpty, "nothing is sent")
        }
    }

    @Test("A document of many lines is read as one; --json tells where each key was found")
    func document() async throws {
        try await withCLI { cli in
            let text = """
                {
                  "code": 0,
                  "data": {"items": [
                    {"message_id": "om_1", "msg_type": "media",
                     "body": {"content": "{\\"file_key\\":\\"k1\\",\\"image_key\\":\\"img_1\\"}"}}
                  ]}
                }
                """
            let ending = try await keys(text, "--json", "--type", "all", "--tenant", "acme", at: cli)
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(
                ending.lines == [
                    #"{"image_key":"k1","line":1,"message_id":"om_1","path":"data.items[0].body.content.file_key","#
                        + #""tenant":"acme","type":"file"}"#,
                    #"{"image_key":"img_1","line":1,"message_id":"om_1","path":"data.items[0].body.content.image_key","#
                        + #""tenant":"acme","type":"image"}"#,
                ])
            #expect(try await keys(text, at: cli).lines == ["om_1/img_1"], "images by default")
            // A file whose key looks like an image's needs its type.
            let files = try await keys(text, "--type", "file", at: cli)
            #expect(try JSON.object(files.lines[0])["type"] == .string("file"))
        }
    }

    @Test("A first line that was cut does not hide the lines after it")
    func cutFirstLine() async throws {
        try await withCLI { cli in
            let ending = try await keys("{\"schema\":\n\(Self.event("om_1", "img_1"))\n", at: cli)
            #expect(ending.status == 1 && ending.lines == ["acme\tom_1/img_1"], "\(ending.errors)")
            #expect(ending.errors == "larkimg: messages: line 1: it ends early\n")
        }
    }

    @Test("What keys prints, fetch downloads")
    func pipeline() async throws {
        try await withCLI { cli in
            let key = "img_v3_1"
            let message = cli.emulator.seedMessage(
                SeededMessage(resources: [.init(key: key, type: .image, bytes: SampleImages.png)]),
                appID: CLIHarness.appID)
            try cli.folder.write(Array(Self.event(message, key).utf8), to: "work/events.ndjson")
            let ending = try await cli.shell("larkimg keys -i events.ndjson | larkimg fetch -i - -d out")
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try cli.folder.read("work/out/\(key).png") == SampleImages.png)
        }
    }

    @Test("Without a store and from a pipe, keys are printed without tenants; an error of the platform is an error")
    func withoutStore() async throws {
        try await withCLI { cli in
            let environment = try cli.environmentWithoutStore()
            let ending = try await cli.larkimg(
                "keys", "-i", "-", input: Self.event("om_1", "img_1") + "\n", extra: environment)
            #expect(ending.status == 0 && ending.text == "om_1/img_1\n", "\(ending.errors)")
            let refused = try await cli.larkimg(
                "keys", "-i", "-", input: #"{"code":230002,"msg":"Bot is not in the chat\u001b[2J"}"#,
                extra: environment)
            #expect(refused.status == 1 && refused.output.isEmpty)
            #expect(refused.errors.contains("230002") && !refused.errors.contains("\u{1B}"), "\(refused.errors)")
            let missing = try await cli.larkimg("keys", "-i", "nosuch")
            #expect(missing.status == 64 && missing.errors.split(separator: "\n").count == 2)
        }
    }

    @Test(
        "Hostile input ends soon, with a line for each fault",
        arguments: [
            String(repeating: "[", count: 200_000), String(repeating: "{\"a\":", count: 100_000), "\"unended",
            #"{"message_id":"om_1","msg_type":"image","body":{"content":"{\"image_key\":\"../../x\"}"}}"#, "\u{0}",
            "{}{}",
            #"{"encrypt":"AAAA"}"#, #"{"image_key":5}"#,
        ])
    func hostile(_ text: String) async throws {
        try await withCLI { cli in
            let ending = try await keys(text + "\nimg_after\n", at: cli)
            #expect(ending.lines.last == "img_after" && ending.lines.count == 1, "\(ending.text)")
            #expect(ending.errors.split(separator: "\n").count == 1, "\(ending.errors)")
        }
    }
}
