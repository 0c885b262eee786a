import FoundationEssentials
import Glibc
import LarkEmulator
import TestSupport
import Testing

@Suite("larkimg fetch --input that is interrupted, or meets others", .timeLimit(.minutes(10)))
struct FetchInterruptionTests {
    @Test(
        "The first Ctrl-C finishes the downloads in flight, the second aborts; neither leaves a partial file",
        arguments: [1, 2])
    func interrupted(times: Int) async throws {
        try await withCLI { cli in
            let keys = cli.seedImages(40)
            try cli.writeList(keys)
            cli.emulator.addFault(Fault(.imagesGet, skip: 10, times: .always, .hold))
            let ending = try await cli.shell(
                "exec larkimg fetch --tenant acme -i list -d out --jobs 4 2>errors"
            ) { [emulator = cli.emulator] process in
                await emulator.waitForHeld(count: 4)
                kill(process, SIGINT)
                // It has to be seen before the second, or they are one.
                try await eventually {
                    try String(decoding: cli.folder.read("work/errors"), as: UTF8.self).contains("finishing")
                }
                if times == 2 { kill(process, SIGINT) } else { emulator.release() }
            }
            cli.emulator.release()
            #expect(ending.status == 130, "\(ending.errors)")
            let files = try cli.folder.names(in: "work/out")
            #expect(times == 1 ? files.count >= 10 && files.count < 40 : files.count == 10)
            for file in files { #expect(try cli.folder.read("work/out/\(file)") == SampleImages.png) }
        }
    }

    @Test("Ctrl-C twice ends a fetch whose output is not read, and its files are whole")
    func unreadOutput() async throws {
        try await withCLI { cli in
            try cli.writeList(cli.seedImages(40))
            // The pipe is full and stays open, since the command itself holds its other end.
            let ending = try await cli.shell(
                """
                mkfifo full; exec 3<>full; head -c 65536 /dev/zero >&3
                exec larkimg fetch --tenant acme -i list -d out --jobs 4 >full 2>errors
                """
            ) { process in
                try await eventually { (try? cli.folder.names(in: "work/out").isEmpty) == false }
                kill(process, SIGINT)
                // It has to be seen before the second, or they are one.
                try await eventually {
                    try String(decoding: cli.folder.read("work/errors"), as: UTF8.self).contains("finishing")
                }
                kill(process, SIGINT)
            }
            #expect(ending.status == 130, "\(ending.errors)")
            let files = try cli.folder.names(in: "work/out")
            #expect((1..<40).contains(files.count))
            for file in files { #expect(try cli.folder.read("work/out/\(file)") == SampleImages.png) }
        }
    }

    @Test("Fifty processes that fetch one image leave one file, and all of them succeed")
    func oneFile() async throws {
        try await withCLI { cli in
            let key = cli.seedImages(1)[0]
            let ending = try await cli.shell(
                "for i in $(seq 50); do larkimg fetch --tenant acme --json \(key) & done; wait")
            #expect(ending.errors.isEmpty, "\(ending.errors)")
            let lines = try ending.lines.map { try JSON.object($0) }
            #expect(lines.count == 50)
            #expect(lines.allSatisfy { [.string("ok"), .string("exists")].contains($0["status"]) })
            #expect(lines.count { $0["status"] == .string("ok") } == 1)
            #expect(try cli.files() == ["\(key).png"])
            #expect(try cli.folder.read("work/\(key).png") == SampleImages.png)
        }
    }

    @Test("A run that is killed again and again ends with every image whole, and requests none twice")
    func killed() async throws {
        try await withCLI { cli in
            let keys = cli.seedImages(60)
            try cli.writeList(keys)
            _ = try await cli.larkimg("tenant", "update", "acme", "--quota", "none")
            for round in 1...5 {
                let there = (try? cli.folder.names(in: "work/out")) ?? []
                cli.emulator.clearJournal()
                // Each round is killed some images further on.
                cli.emulator.addFault(Fault(.imagesGet, skip: 10, times: .always, .hold))
                _ = try await cli.larkimg("fetch", "--tenant", "acme", "-i", "list", "-d", "out", "--jobs", "3") {
                    [emulator = cli.emulator] process in
                    await emulator.waitForHeld(count: 3)
                    kill(process, SIGKILL)
                }
                cli.emulator.clearFaults()
                cli.emulator.release()
                let asked = cli.emulator.journal.filter { $0.api == .imagesGet }
                    .compactMap { $0.path.split(separator: "/").last.map { "\($0).png" } }
                #expect(Set(asked).isDisjoint(with: there), "round \(round)")
            }
            let last = try await cli.larkimg("fetch", "--tenant", "acme", "-i", "list", "-d", "out")
            #expect(last.status == 0, "\(last.errors)")
            #expect(try cli.folder.names(in: "work/out") == keys.map { "\($0).png" }.sorted())
            for key in keys { #expect(try cli.folder.read("work/out/\(key).png") == SampleImages.png) }
        }
    }
}
