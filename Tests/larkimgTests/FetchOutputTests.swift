import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("Where larkimg fetch writes", .timeLimit(.minutes(10)))
struct FetchOutputTests {
    @Test(
        "A directory that cannot be used ends with 73, and nothing is sent", arguments: ["list", "list/below", "loop"])
    func unusableDirectory(_ directory: String) async throws {
        try await withCLI { cli in
            try cli.folder.write([], to: "work/list")
            #expect(symlink("loop", cli.folder.appending("work/loop").string) == 0)
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "-d", directory, "img_x")
            #expect(ending.status == 73, "\(ending.errors)")
            #expect(cli.emulator.count(of: .imagesGet) == 0)
        }
    }

    @Test("A refused list, a dry run and wrong options create no directory")
    func noDirectory() async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            try cli.folder.write(Array("not a key\n".utf8), to: "work/bad")
            for (arguments, status) in [
                (["--strict", "-i", "bad"], Int32(64)), (["--jobs", "0", key], 64), (["--dry-run", key], 0),
                (["--name-template", "{tenant}", key], 64),
            ] {
                let ending = try await cli.larkimg(["fetch", "--tenant", "acme", "-d", "new"] + arguments)
                #expect(ending.status == status, "\(arguments): \(ending.errors)")
                #expect(try cli.files() == ["bad"], "\(arguments)")
            }
        }
    }

    @Test("-o replaces the file, --no-clobber keeps it, and a failed download leaves it as it was")
    func replaced() async throws {
        try await withCLI { cli in
            let keys = [SampleImages.png, SampleImages.png(bytes: 5000)]
                .map { cli.emulator.seedImage(appID: CLIHarness.appID, bytes: $0) }
            for (number, key) in keys.enumerated() {
                let ending = try await cli.larkimg("fetch", "--tenant", "acme", key, "-o", "out.png")
                #expect(ending.status == 0, "\(ending.errors)")
                #expect(try cli.folder.read("work/out.png").count == [SampleImages.png.count, 5000][number])
            }
            let kept = try await cli.larkimg(
                "fetch", "--tenant", "acme", keys[0], "-o", "out.png", "--no-clobber", "--json")
            #expect(try JSON.object(kept.text)["status"] == .string("exists"))
            let failed = try await cli.larkimg("fetch", "--tenant", "acme", "img_unknown", "-o", "out.png")
            #expect(failed.status == 66)
            #expect(try cli.folder.read("work/out.png").count == 5000)
            let both = try await cli.larkimg(
                "fetch", "--tenant", "acme", keys[0], "-o", "out.png", "--no-clobber", "--overwrite")
            #expect(both.status == 64)
            // Only files and links are ever replaced.
            try #require(mkdir(cli.folder.appending("work/taken").string, 0o700) == 0)
            let taken = try await cli.larkimg("fetch", "--tenant", "acme", keys[0], "-o", "taken")
            #expect(taken.status == 73, "\(taken.errors)")
        }
    }

    @Test("An empty file never counts as done", arguments: [["-o", "KEY.png", "--no-clobber"], []])
    func emptyFile(_ options: [String]) async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            try cli.folder.write([], to: "work/\(key).png")
            let options = options.map { $0 == "KEY.png" ? "\(key).png" : $0 }
            let ending = try await cli.larkimg(["fetch", "--tenant", "acme", key, "--json"] + options)
            #expect(try JSON.object(ending.text)["status"] == .string("ok"), "\(ending.errors)")
            #expect(try cli.folder.read("work/\(key).png") == SampleImages.png)
        }
    }

    @Test("-o creates the directories of the file, as -d does, with what -d leaves of the way")
    func directories() async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            let one = try await cli.larkimg("fetch", "--tenant", "acme", key, "-o", "a/b/one.png")
            #expect(one.text == "a/b/one.png\n", "\(one.errors)")
            let many = try await cli.larkimg("fetch", "--tenant", "acme", key, "-d", "a/c/d/")
            #expect(many.text == "a/c/d/\(key).png\n", "\(many.errors)")
            #expect(try cli.folder.read("work/a/b/one.png") == SampleImages.png)
            #expect(try cli.folder.read("work/a/c/d/\(key).png") == SampleImages.png)
        }
    }

    @Test("A new directory is on the disk before the name of the first file in it")
    func syncedDirectory() async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            let ending = try await cli.larkimg(
                "fetch", "--tenant", "acme", key, "-d", "new/er",
                wrapper: ["strace", "-f", "-y", "-qq", "-o", "../trace", "-e", "trace=mkdirat,fsync,linkat"])
            #expect(ending.status == 0, "\(ending.errors)")
            let calls = String(decoding: try cli.folder.read("trace"), as: UTF8.self).split(separator: "\n")
                .filter { $0.contains("/work") }
                .compactMap { line in ["mkdirat(", "fsync(", "linkat("].first { line.contains($0) } }
            #expect(calls == ["mkdirat(", "fsync(", "mkdirat(", "fsync(", "fsync(", "linkat(", "fsync("])
        }
    }

    @Test("-o - refuses a terminal, and nothing is sent")
    func terminal() async throws {
        try await withCLI { cli in
            let ending = try await cli.shell(
                "script -qec 'larkimg fetch --tenant acme -o - img_x' /dev/null </dev/null; echo status $?")
            #expect(ending.text.contains("stdout is a terminal"), "\(ending.text)")
            #expect(ending.text.contains("status 64"))
            #expect(cli.emulator.journal.isEmpty)
        }
    }

    @Test("When the reader of the paths goes away, the run says that it stopped, and what to do")
    func closedReader() async throws {
        try await withCLI { cli in
            let keys = (0..<40).map { _ in cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png) }
            try cli.folder.write(Array(keys.map { "\($0)\n" }.joined().utf8), to: "work/list")
            let ending = try await cli.shell(
                "{ larkimg fetch --tenant acme -i list -d out; echo status $? >&2; } | true")
            #expect(ending.errors.contains("the run stopped"), "\(ending.errors)")
            #expect(ending.errors.contains("Run the same command again"))
            #expect(ending.errors.contains("status 74"))
        }
    }

    @Test("A name that is taken and then free again is not an error", arguments: ["linkat:error=EEXIST:when=1"])
    func freedName(_ injection: String) async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            let ending = try await cli.larkimg(
                "fetch", "--tenant", "acme", key,
                wrapper: ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=\(injection)"])
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try cli.folder.read("work/\(key).png") == SampleImages.png)
        }
    }
}
