import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("larkimg fetch --errors-to", .timeLimit(.minutes(10)))
struct FetchErrorListTests {
    private func seed(_ cli: CLIHarness, _ count: Int) -> [String] {
        (0..<count).map { _ in cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png) }
    }

    private func text(_ name: String, of cli: CLIHarness) throws -> String {
        String(decoding: try cli.folder.read("work/\(name)"), as: UTF8.self)
    }

    @Test("The file of failures can be fetched again, and may replace itself")
    func errorsTo() async throws {
        try await withCLI { cli in
            let keys = seed(cli, 5)
            cli.emulator.deleteImage(keys[1])
            try cli.folder.write(Array(keys.map { "acme\t\($0)\tsub/\($0).png\n" }.joined().utf8), to: "work/list")
            let first = try await cli.larkimg("fetch", "-i", "list", "--errors-to", "failed", "--report", "report")
            #expect(first.status == 66)
            let failed = try String(decoding: cli.folder.read("work/failed"), as: UTF8.self)
            #expect(failed.split(separator: "\n").count == 1)
            #expect(failed.contains("234005"))
            cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png, imageKey: keys[1])
            let second = try await cli.larkimg(
                "fetch", "-i", "failed", "--errors-to", "failed", "--report", "report", "--json")
            #expect(second.status == 0, "\(second.errors)")
            #expect(try cli.folder.read("work/failed") == [])
            #expect(try cli.folder.names(in: "work/sub").count == 5)
            let report = try String(decoding: cli.folder.read("work/report"), as: UTF8.self)
                .split(separator: "\n").map(String.init)
            #expect(report.count == 6, "both runs append")
            #expect(second.lines.count == 1)
            #expect(second.lines.first == report.last)
        }
    }

    @Test("Invalid lines stay as they were, and keep failing until they are corrected")
    func invalidLines() async throws {
        try await withCLI { cli in
            let key = seed(cli, 1)[0]
            let bad = [Array("not a key\tx\ty\tz \u{1B}[2J\r".utf8), [0x69, 0xFF, 0x69]]
            try cli.folder.write(
                Array(key.utf8) + bad.flatMap { [0x0A] + $0 } + [0x0A], to: "work/list")
            var name = "list"
            for _ in 1...3 {
                let ending = try await cli.larkimg(
                    "fetch", "--tenant", "acme", "-i", name, "--errors-to", "failed")
                #expect(ending.status == 1, "\(ending.errors)")
                let lines = try cli.folder.read("work/failed").split(separator: 0x0A).map(Array.init)
                #expect(lines.filter { $0.first != UInt8(ascii: "#") } == bad)
                name = "failed"
            }
            try cli.folder.write(Array("\(key)\n".utf8), to: "work/failed")
            let corrected = try await cli.larkimg(
                "fetch", "--tenant", "acme", "-i", "failed", "--errors-to", "failed")
            #expect(corrected.status == 0, "\(corrected.errors)")
            #expect(try cli.folder.read("work/failed") == [])
        }
    }

    @Test(
        "A run that is interrupted writes what it did not start, from a file and from stdin",
        arguments: ["-i list", "-i - <list", "-i - < <(cat list)"])
    func interrupted(_ input: String) async throws {
        try await withCLI { cli in
            let keys = seed(cli, 40)
            // More than is read ahead, so that a part of the list is not read when the run is interrupted.
            let others = 16_000
            let text =
                keys[..<30].map { "\($0)\n" }.joined() + (0..<others).map { "img_other_\($0)\n" }.joined()
                + "not a key\n" + keys[30...].map { "acme\t\($0)\tlate/\($0).png\n" }.joined()
            try cli.folder.write(Array(text.utf8), to: "work/list")
            cli.emulator.addFault(Fault(.imagesGet, skip: 10, times: .always, .hold))
            let ending = try await cli.shell(
                "exec larkimg fetch --tenant acme -d out --jobs 4 --errors-to failed \(input) 2>errors"
            ) { [emulator = cli.emulator] process in
                await emulator.waitForHeld(count: 4)
                kill(process, SIGINT)
                try await eventually { try self.text("errors", of: cli).contains("finishing") }
                emulator.release()
            }
            let errors = try self.text("errors", of: cli)
            #expect(ending.status == 130, "\(errors)")
            cli.emulator.clearFaults()
            let failed = try self.text("failed", of: cli).split(separator: "\n")
            #expect(failed.contains("not a key"))
            let done = try cli.folder.names(in: "work/out").count
            #expect(failed.count { $0.hasPrefix("{") } == others + 40 - done)
            #expect(Set(failed).count == failed.count)
            let late = try await cli.shell("grep late/ failed >late; larkimg fetch -i late -d out")
            #expect(late.status == 0, "\(late.errors)")
            #expect(try cli.folder.names(in: "work/out/late").count == 10)
        }
    }

    @Test("What a full disk did not let start is written too")
    func fullDisk() async throws {
        try await withCLI { cli in
            let keys = seed(cli, 20)
            let text = keys.map { "\($0)\n" }.joined()
            try cli.folder.write(Array(text.utf8), to: "work/list")
            let out = cli.folder.appending("work/out").string
            try #require(mkdir(out, 0o700) == 0)
            let ending = try await cli.larkimg(
                "fetch", "--tenant", "acme", "-i", "list", "-d", "out", "--jobs", "1", "--errors-to", "failed",
                wrapper: ["strace", "-f", "-qq", "-o", "/dev/null", "-P", out, "-e", "inject=linkat:error=ENOSPC"])
            #expect(ending.status == 74, "\(ending.errors)")
            #expect(ending.errors.contains("not started"), "\(ending.errors)")
            #expect(try cli.folder.names(in: "work/out") == [])
            #expect(try self.text("failed", of: cli).split(separator: "\n").count == keys.count)
        }
    }

    @Test("A file that is no list ends with 64 and one error, and nothing is sent")
    func notAList() async throws {
        try await withCLI { cli in
            var bytes: [UInt8] = []
            for number in 0..<2000 { bytes += Array("word\(number % 7)\n\u{0}\u{1}\(number)\nbinary \(number)\n".utf8) }
            try cli.folder.write(bytes, to: "work/list")
            try cli.folder.write(Array("before\n".utf8), to: "work/failed")
            let ending = try await cli.larkimg(
                "fetch", "--tenant", "acme", "-i", "list", "--errors-to", "failed")
            #expect(ending.status == 64, "\(ending.errors)")
            #expect(ending.errors.split(separator: "\n").count == 2, "\(ending.errors)")
            #expect(ending.errors.contains("not a list"))
            #expect(cli.emulator.journal.isEmpty)
            #expect(try self.text("failed", of: cli) == "before\n")
        }
    }

    @Test(
        "Files about a run that cannot be created are refused with their own option",
        arguments: [
            ("--errors-to", "--errors-to"), ("--gallery", "--gallery"), ("--report", "--report"),
        ])
    func remedies(_ option: String, named: String) async throws {
        try await withCLI { cli in
            try cli.folder.write([], to: "work/file")
            for place in ["file/x", ".."] {
                let ending = try await cli.larkimg("fetch", "--tenant", "acme", option, place, "img_x")
                #expect(ending.status == 73, "\(ending.errors)")
                #expect(ending.errors.contains("with \(named)"), "\(ending.errors)")
                #expect(!ending.errors.contains("-d"), "\(ending.errors)")
            }
        }
    }
}
