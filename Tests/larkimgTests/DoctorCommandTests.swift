import FoundationEssentials
import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("larkimg doctor", .timeLimit(.minutes(10)))
struct DoctorCommandTests {
    private func findings(_ ending: BuiltProgram.Ending) throws -> [JSON.Object] {
        try ending.lines.map { try JSON.object($0) }
    }

    @Test("Where all is well every check passes")
    func well() async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg("doctor", "--json")
            #expect(ending.status == 0, "\(ending.text)\(ending.errors)")
            let findings = try findings(ending)
            #expect(
                findings.map { $0["check"] }
                    == ["key", "store", "host", "clock", "tenant"].map { .string($0) })
            #expect(findings.allSatisfy { $0["result"] == .string("pass") })
        }
    }

    @Test("What is wrong with a tenant is told with what to do, and the others are looked at all the same")
    func wrongSecret() async throws {
        try await withCLI { cli in
            try await cli.addTenant("aaa", secret: "another")
            let ending = try await cli.larkimg("doctor")
            #expect(ending.status == 77, "\(ending.text)")
            #expect(ending.text.contains("fail  tenant aaa: "))
            #expect(ending.text.contains("larkimg tenant update aaa --app-secret-file"))
            #expect(ending.text.contains("pass  tenant acme: "))
            #expect(!ending.text.contains("another"))
            let offline = try await cli.larkimg("doctor", "--offline")
            #expect(offline.status == 0)
            #expect(offline.text.contains("warn  tenant aaa: "))
        }
    }

    @Test("A key that others can read, a key of another store, and a store that is none are told apart")
    func local() async throws {
        try await withCLI { cli in
            let key = cli.folder.appending("home/key").string
            #expect(chmod(key, 0o644) == 0)
            let loose = try await cli.larkimg("doctor", "--offline", "--json")
            #expect(loose.status == 78)
            #expect(try findings(loose).map { $0["check"] } == [.string("key")])
            #expect(loose.text.contains("chmod"))
            try cli.folder.write([UInt8](repeating: 7, count: 32), to: "home/key")
            #expect(try await cli.larkimg("doctor", "--offline").text.hasPrefix("fail  key "))
            try cli.folder.write(Array("no store".utf8), to: "home/store.sqlite")
            #expect(try await cli.larkimg("doctor", "--offline").text.hasPrefix("fail  store "))
            #expect(cli.emulator.journal.isEmpty)
        }
    }

    @Test("A clock that is wrong is told by how much", arguments: [3600.0, -90.0])
    func clock(_ seconds: Double) async throws {
        try await withCLI { cli in
            // The platform's clock is the one that is moved; the difference is the same.
            cli.emulator.advanceClock(seconds: seconds)
            let ending = try await cli.larkimg("doctor")
            #expect(ending.status == 78, "\(ending.text)")
            #expect(ending.text.contains("fail  clock of this machine: it is "))
            #expect(ending.text.contains(seconds > 0 ? " behind " : " ahead of "))
        }
    }

    @Test("A host that does not answer is told once, and each tenant of it too")
    func unreachable() async throws {
        try await withCLI { cli in
            let added = try await cli.larkimg(
                "tenant", "add", "far", "--app-id", "cli_far", "--app-secret-file", "-", "--host",
                "http://127.0.0.1:9", "--no-verify", input: "s")
            try #require(added.status == 0, "\(added.errors)")
            let ending = try await cli.larkimg("doctor")
            #expect(ending.status == 69, "\(ending.text)")
            #expect(ending.text.contains("fail  host http://127.0.0.1:9: "))
            #expect(ending.text.contains("fail  tenant far: "))
            #expect(ending.text.contains("pass  tenant acme: "))
        }
    }
}
