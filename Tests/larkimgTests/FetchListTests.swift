import FoundationEssentials
import Glibc
import LarkEmulator
import TestSupport
import Testing

@Suite("larkimg fetch --input", .timeLimit(.minutes(10)))
struct FetchListTests {
    @Test("All forms of lines are fetched; invalid ones are reported by number, and the run goes on")
    func forms() async throws {
        try await withCLI { cli in
            let keys = cli.seedImages(4)
            let message = cli.emulator.seedMessage(
                SeededMessage(resources: [SeededMessage.Resource(key: "img_u", bytes: SampleImages.png)]),
                appID: CLIHarness.appID)
            try cli.writeList(
                [
                    "# a comment", "", keys[0], "not a key", "acme\t\(keys[1])\tnamed/one.png", "\(message)/img_u",
                    #"{"image_key":"\#(keys[2])","output":"two.png"}"#, keys[0], "acme\tx\t../../evil",
                    "nobody\t\(keys[3])",
                ])
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "-i", "list", "-d", "out")
            #expect(ending.status == 1)
            #expect(
                ending.lines.sorted()
                    == ["out/\(keys[0]).png", "out/img_u.png", "out/named/one.png", "out/two.png"].sorted())
            for sign in [
                "list: line 4: ", "list: line 9: ", "nobody: ", "4 downloaded", "1 repeated", "1 failed",
                "2 invalid lines",
            ] {
                #expect(ending.errors.contains(sign), "\(sign) in \(ending.errors)")
            }
            #expect(cli.emulator.count(of: .imagesGet) == 3)
            #expect(try cli.folder.names().filter { $0 != "home" } == ["work"])
        }
    }

    @Test("--strict sends nothing when a line is invalid, from a file and from stdin", arguments: [true, false])
    func strict(fromFile: Bool) async throws {
        try await withCLI { cli in
            let lines = cli.seedImages(3) + ["not a key"]
            try cli.writeList(lines)
            let bad = try await cli.larkimg(
                "fetch", "--tenant", "acme", "--strict", "-i", fromFile ? "list" : "-", "-d", "out",
                input: lines.joined(separator: "\n"))
            #expect(bad.status == 64)
            #expect(bad.errors.contains("line 4"))
            #expect(cli.emulator.journal.isEmpty)
            let good = try await cli.larkimg(
                "fetch", "--tenant", "acme", "--strict", "-i", "-", "-d", "out",
                input: lines.dropLast().joined(separator: "\n"))
            #expect(good.status == 0, "\(good.errors)")
            #expect(good.lines.count == 3)
        }
    }

    @Test("A report with a truncated line, or a path that cannot be written, does no harm")
    func reports() async throws {
        try await withCLI { cli in
            let key = cli.seedImages(1)[0]
            try cli.folder.write(Array(#"{"cut":"#.utf8), to: "work/report")
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "--report", "report", key)
            #expect(ending.status == 0)
            let lines = try String(decoding: cli.folder.read("work/report"), as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 2)
            for option in ["--report", "--errors-to", "--gallery"] {
                let refused = try await cli.larkimg(
                    "fetch", "--tenant", "acme", "--overwrite", option, "report/x", key)
                #expect(refused.status == 73, "\(option): \(refused.errors)")
                #expect(refused.errors.split(separator: "\n").count == 2)
            }
            cli.emulator.clearJournal()
            let folder = try await cli.larkimg("fetch", "--tenant", "acme", "--overwrite", "--gallery", "..", key)
            #expect(folder.status == 73)
            #expect(cli.emulator.journal.isEmpty, "told before anything is sent")
        }
    }

    @Test("A dry run with nothing to do says so, and --strict says nothing about a list without faults")
    func nothingToDo() async throws {
        try await withCLI { cli in
            let key = cli.seedImages(1)[0]
            try cli.writeList(["# nothing", ""])
            let empty = try await cli.larkimg("fetch", "--tenant", "acme", "-i", "list", "--dry-run")
            #expect(empty.status == 0)
            #expect(empty.errors.contains("larkimg: nothing to fetch, in "), "\(empty.errors)")
            try cli.writeList([key])
            try cli.folder.write(SampleImages.png, to: "work/\(key).png")
            let done = try await cli.larkimg("fetch", "--tenant", "acme", "-i", "list", "--dry-run", "--strict")
            #expect(done.errors.contains("nothing to fetch, 1 already there"), "\(done.errors)")
        }
    }

    @Test("A dash in place of a key says how a list is read from stdin")
    func dash() async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "-", input: "img_x\n")
            #expect(ending.status == 64)
            #expect(ending.errors.contains("-i -"), "\(ending.errors)")
            #expect(ending.errors.hasPrefix("larkimg: '-' is not a key"), "without the tenant")
        }
    }

    @Test(
        "A list with commas, a JSON array, and UTF-16 say what is wanted",
        arguments: [
            ("acme,img_x\n", "separated by tabs, not by commas"), ("[\"img_x\"]\n", "part of a JSON array"),
            ("\u{FEFF}i", "UTF-16"),
        ])
    func hints(_ text: String, hint: String) async throws {
        try await withCLI { cli in
            let bytes = hint == "UTF-16" ? text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } : Array(text.utf8)
            try cli.folder.write(bytes, to: "work/list")
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "-i", "list")
            #expect([1, 64].contains(ending.status))
            #expect(ending.errors.contains(hint), "\(ending.errors)")
            #expect(cli.emulator.journal.isEmpty)
        }
    }

    @Test(
        "On a terminal the progress fits into one line, and is removed whole when the terminal becomes narrower")
    func narrowTerminal() async throws {
        try await withCLI { cli in
            let keys = cli.seedImages(40)
            try cli.writeList(keys)
            cli.emulator.addFault(Fault(.imagesGet, skip: 20, times: .always, .hold))
            let run =
                "stty cols 60; larkimg fetch --tenant acme -i list -d out --jobs 4 >paths & while [ ! -e go ]; do sleep .1; done; stty cols 18; touch gone; wait"
            try cli.folder.write(Array(run.utf8), to: "work/run")
            let ending = try await cli.shell("script -qefc 'bash run' typescript </dev/null >/dev/null") {
                [emulator = cli.emulator] _ in
                await emulator.waitForHeld(count: 4)
                try await eventually {
                    String(decoding: try cli.folder.read("work/typescript"), as: UTF8.self).contains(" left")
                }
                try cli.folder.write([], to: "work/go")
                try await eventually { try cli.files().contains("gone") }
                emulator.clearFaults()
                emulator.release()
            }
            cli.emulator.release()
            #expect(ending.status == 0, "\(ending.errors)")
            let screen = String(decoding: try cli.folder.read("work/typescript"), as: UTF8.self)
            #expect(screen.contains("\u{1B}[2A\r") || screen.contains("\u{1B}[1A\r"), "\(screen)")
            #expect(screen.contains("larkimg: 40 downloaded"), "\(screen)")
        }
    }

    @Test("A dry run shows what would be done, and sends nothing")
    func dryRun() async throws {
        try await withCLI { cli in
            let keys = cli.seedImages(3)
            try cli.writeList(keys)
            let ending = try await cli.larkimg(
                "fetch", "--tenant", "acme", "-i", "list", "--dry-run", "--json", "--name-template",
                "{tenant}/{key}.{ext}")
            #expect(ending.status == 0, "\(ending.errors)")
            let lines = try ending.lines.map { try JSON.object($0) }
            #expect(lines.allSatisfy { $0["status"] == .string("planned") })
            #expect(lines.first?["path"] == .string("acme/\(keys[0]).*"))
            #expect(cli.emulator.journal.isEmpty)
            #expect(try cli.files() == ["list"])
        }
    }

    @Test("--quiet prints nothing about a successful run but the paths")
    func quiet() async throws {
        try await withCLI { cli in
            let keys = cli.seedImages(3)
            try cli.writeList(keys)
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "-i", "list", "-q")
            #expect(ending.status == 0)
            #expect(ending.errors.isEmpty)
            #expect(ending.lines.sorted() == keys.map { "\($0).png" }.sorted())
        }
    }

    @Test(
        "Options that do not go together, or a list that cannot be read, end with 64 and send nothing",
        arguments: [
            ["-i", "none"], ["-i", "."], ["-i", "list", "img_a"], ["-i", "list", "-o", "x"],
            ["-i", "list", "--jobs", "0"], ["-i", "list", "--jobs", "257"], ["-o", "x", "img_a", "--dry-run"],
            ["-o", "x", "img_a", "--report", "r"], ["-o", "x", "img_a", "--name-template", "{key}"],
            ["-i", "list", "--name-template", "{tenant}"], ["-i", "list", "--name-template", "../{key}"],
        ])
    func usage(_ arguments: [String]) async throws {
        try await withCLI { cli in
            try cli.writeList(cli.seedImages(1))
            let ending = try await cli.larkimg(["fetch", "--tenant", "acme"] + arguments)
            #expect(ending.status == 64, "\(ending.errors)")
            #expect(cli.emulator.journal.isEmpty)
            #expect(try cli.files() == ["list"])
        }
    }

    @Test("A tenant's quota is shown, changed without a request, and refused when it is invalid")
    func quota() async throws {
        try await withCLI { cli in
            let changed = try await cli.larkimg("tenant", "update", "acme", "--quota", "100/s", "--json")
            #expect(changed.status == 0, "\(changed.errors)")
            #expect(try JSON.object(changed.text)["quota"] == .string("100/s"))
            let bad = try await cli.larkimg("tenant", "update", "acme", "--quota", "lots")
            #expect(bad.status == 64)
            #expect(cli.emulator.journal.isEmpty)
        }
    }

    @Test(
        "A full disk ends the run with 74; a report to a full device too", .enabled(if: access("/dev/full", W_OK) == 0))
    func fullDevice() async throws {
        try await withCLI { cli in
            try cli.writeList(cli.seedImages(5))
            let ending = try await cli.larkimg("fetch", "--tenant", "acme", "-i", "list", "--report", "/dev/full")
            #expect(ending.status == 74, "\(ending.errors)")
            let output = try await cli.shell("larkimg fetch --tenant acme -i list >/dev/full")
            #expect(output.status == 74, "\(output.errors)")
        }
    }
}
