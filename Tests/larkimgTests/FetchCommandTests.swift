import FoundationEssentials
import Glibc
import LarkEmulator
import TestSupport
import Testing

@Suite("larkimg fetch", .timeLimit(.minutes(10)))
struct FetchCommandTests {
    @Test(
        "An invalid key ends with 64, and nothing is sent",
        arguments: [
            "../../x", "", "a\nb", "a b", "img_\u{E9}", "%2e%2e", "a/b/c", "om_1/", "/img", "img?x",
            String(repeating: "k", count: 5000),
        ])
    func badKeys(_ key: String) async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "--", key)
            #expect(ending.status == 64, "\(ending.errors)")
            #expect(ending.errors.utf8.count < 2000)
            #expect(cli.emulator.journal.isEmpty)
            #expect(try cli.files() == [])
        }
    }

    @Test(
        "Options that do not go together end with 64, and nothing is sent",
        arguments: [
            ["-o", "x", "img_a", "img_b"], ["-o", "x", "-d", "y", "img_a"], ["--max-size", "-1", "img_a"],
            ["--max-size", "1e9", "img_a"], ["--timeout", "0", "img_a"], ["--timeout", "forever", "img_a"],
            ["--type", "video", "om_1/img_a"], ["--message", "../x", "img_a"], [],
        ])
    func usage(_ arguments: [String]) async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(["fetch", "--tenant", "acme"] + arguments)
            #expect(ending.status == 64, "\(ending.errors)")
            #expect(cli.emulator.journal.isEmpty)
            #expect(try cli.files() == [])
        }
    }

    @Test("The first run downloads with one token, the second sends nothing at all")
    func twice() async throws {
        try await withCLI { cli in
            let bytes = SampleImages.png(bytes: 300_000)
            let keys = (1...3).map { _ in cli.emulator.seedImage(appID: CLIHarness.appID, bytes: bytes) }
            let first = try await cli.larkimg(["fetch", "--tenant", "acme"] + keys)
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.lines.sorted() == keys.map { "\($0).png" }.sorted())
            for key in keys { #expect(try cli.folder.read("work/\(key).png") == bytes) }
            #expect(cli.tokenCalls == 1)
            cli.emulator.clearJournal()
            let second = try await cli.larkimg(["fetch", "--tenant", "acme", "--json"] + keys)
            #expect(second.status == 0)
            let lines = try second.text.split(separator: "\n").map { try JSON.object(String($0)) }
            #expect(lines.map { $0["status"] } == [.string("exists"), .string("exists"), .string("exists")])
            #expect(cli.emulator.journal.isEmpty)
        }
    }

    @Test("--json gives one line for each image, with what the design names")
    func json() async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "--json", key, "img_no")
            #expect(ending.status == 66)
            #expect(ending.errors.isEmpty)
            let lines = try ending.lines.map { try JSON.object($0) }.sorted { $0.count > $1.count }
            try #require(lines.count == 2)
            #expect(
                Set(lines[0].keys) == [
                    "tenant", "image_key", "status", "path", "bytes", "content_type", "sha256", "attempts",
                ])
            #expect(lines[0]["bytes"] == .number(Double(SampleImages.png.count)))
            #expect(Set(lines[1].keys) == ["tenant", "image_key", "status", "attempts", "error"])
            #expect(lines[1]["error"]?["code"] == .number(234001))
            #expect(lines[1]["error"]?["type"] == .string("not_found"))
        }
    }

    @Test("Failures of one kind give their status, of several kinds 1; the others are downloaded all the same")
    func mixedFailures() async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            let gone = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            cli.emulator.deleteImage(gone)
            let alike = try await cli.larkimg("fetch", "--tenant", "acme", gone, key, "img_no")
            #expect(alike.status == 66)
            #expect(alike.text == "\(key).png\n")
            cli.emulator.addFault(Fault(Fault.Match(api: .imagesGet, key: "img_other"), times: .always, .code(234008)))
            let mixed = try await cli.larkimg("fetch", "--tenant", "acme", gone, "img_other")
            #expect(mixed.status == 1)
        }
    }

    @Test("Images and files from messages are downloaded by either form of the command")
    func messageResources() async throws {
        try await withCLI { cli in
            let pdf = Array("%PDF-1.7 a file".utf8)
            let message = cli.emulator.seedMessage(
                SeededMessage(resources: [
                    SeededMessage.Resource(key: "img_u", bytes: SampleImages.png),
                    SeededMessage.Resource(key: "file_u", type: .file, bytes: pdf, contentType: "application/pdf"),
                ]), appID: CLIHarness.appID)
            let one = try await cli.larkimg("fetch", "--tenant", "acme", "\(message)/img_u", "\(message)/file_u")
            #expect(one.lines.sorted() == ["file_u.pdf", "img_u.png"], "\(one.errors)")
            let other = try await cli.larkimg(
                "fetch", "--tenant", "acme", "--message", message, "--type", "file", "-d", "made/here", "file_u")
            #expect(other.text == "made/here/file_u.pdf\n", "\(other.errors)")
            #expect(try cli.folder.read("work/file_u.pdf") == pdf)
        }
    }

    @Test("-o writes one file, or all of it or nothing to stdout")
    func output() async throws {
        try await withCLI { cli in
            let bytes = SampleImages.png(bytes: 200_000)
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: bytes)
            #expect(try await cli.larkimg("fetch", "--tenant", "acme", "-o", "a picture", key).text == "a picture\n")
            #expect(try cli.folder.read("work/a picture") == bytes)
            let streamed = try await cli.larkimg("fetch", "--tenant", "acme", "-o", "-", key)
            #expect(streamed.output == bytes)
            cli.emulator.addFault(Fault(.imagesGet, times: .always, .cut(afterBytes: 150_000)))
            let cut = try await cli.larkimg("fetch", "--tenant", "acme", "-o", "-", key)
            #expect(cut.status == 65)
            #expect(cut.output.isEmpty)
            #expect(try cli.files() == ["a picture"])
        }
    }

    @Test("Thirty fetches whose token is rejected at once: one renewal, thirty images")
    func rejectedToken() async throws {
        try await withCLI { cli in
            let keys = (1...30).map { _ in cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png) }
            #expect(try await cli.larkimg("token", "--tenant", "acme").status == 0)
            cli.emulator.revokeTokens(appID: CLIHarness.appID)
            cli.emulator.clearJournal()
            let script = """
                for key in \(keys.joined(separator: " ")); do larkimg fetch --tenant acme $key & pids+=($!); done
                for pid in ${pids[@]}; do wait $pid || exit; done
                """
            let ending = try await cli.shell(script)
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try cli.files() == keys.map { "\($0).png" }.sorted())
            #expect(cli.tokenCalls == 1)
        }
    }

    @Test("A token that stays rejected is an error, not a loop")
    func refusedForGood() async throws {
        try await withCLI { cli in
            cli.emulator.addFault(Fault(.imagesGet, times: .always, .rejectToken(status: 401)))
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "img_x")
            #expect(ending.status == 77, "\(ending.errors)")
            #expect(cli.tokenCalls <= 2)
            #expect(cli.emulator.count(of: .imagesGet) <= 2)
        }
    }

    @Test("A redirect is not followed with the token", arguments: [301, 302, 303, 307, 308])
    func redirect(_ status: Int) async throws {
        try await withCLI { cli in
            try await withEmulator(EmulatorConfiguration()) { elsewhere, port in
                cli.emulator.addFault(
                    Fault(.imagesGet, times: .always, .redirect(status: status, location: "http://127.0.0.1:\(port)/x"))
                )
                let ending = try await cli.larkimg("fetch", "--tenant", "acme", "img_x")
                #expect(ending.status == 65, "\(ending.errors)")
                #expect(elsewhere.journal.isEmpty)
            }
        }
    }

    @Test("SIGINT in mid-download leaves nothing and ends with 130, SIGTERM with 143", arguments: [SIGINT, SIGTERM])
    func interrupted(by signal: Int32) async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png(bytes: 100_000))
            cli.emulator.addFault(Fault(.imagesGet, .hold, .stall(afterBytes: 50_000)))
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", key) { process in
                await cli.emulator.waitForHeld(count: 1)
                cli.emulator.release()
                kill(process, signal)
            }
            #expect(ending.status == 128 + signal, "\(ending.errors)")
            #expect(try cli.files() == [])
        }
    }

    @Test("Fifty processes that download one image create one whole file, and none fails")
    func sameImage() async throws {
        try await withCLI { cli in
            let bytes = SampleImages.png(bytes: 50_000)
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: bytes)
            let script = """
                for number in $(seq 50); do larkimg fetch --tenant acme \(key) & pids+=($!); done
                for pid in ${pids[@]}; do wait $pid || exit; done
                """
            let ending = try await cli.shell(script)
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try cli.files() == ["\(key).png"])
            #expect(try cli.folder.read("work/\(key).png") == bytes)
        }
    }

    @Test("A file that exists does not hide that the message was not checked")
    func uncheckedMessage() async throws {
        try await withCLI { cli in
            try cli.folder.write(SampleImages.png, to: "work/img_u.png")
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "--message", "om_typo", "img_u")
            #expect(ending.status == 0)
            #expect(ending.text == "img_u.png\n")
            #expect(ending.errors.contains("message om_typo was not checked"), "\(ending.errors)")
            let again = try await cli.larkimg(
                "fetch", "--tenant", "acme", "--message", "om_typo", "img_u", "--overwrite")
            #expect(again.status == 66, "\(again.errors)")
        }
    }

    @Test("In a working directory that was removed, a fetch ends with 73 and one error")
    func removedDirectory() async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            let ending = try await cli.shell("mkdir gone; cd gone; rmdir ../gone; larkimg fetch --tenant acme \(key)")
            #expect(ending.status == 73, "\(ending.errors)")
            #expect(cli.emulator.count(of: .imagesGet) == 0)
            #expect(try cli.files() == [])
        }
    }
}
