import FoundationEssentials
import LarkEmulator
import TestSupport
import Testing

@Suite("The memory that larkimg fetch takes", .timeLimit(.minutes(10)))
struct FetchMemoryTests {
    /// Runs larkimg and returns its status and the most memory that it had, in kB, as the kernel tells its parent.
    private func peak(_ cli: CLIHarness, _ arguments: [String]) async throws -> (status: Int32, kilobytes: Int) {
        let script = """
            import resource, subprocess, sys
            status = subprocess.run(["larkimg"] + sys.argv[1:], stdout=subprocess.DEVNULL).returncode
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
            sys.exit(status)
            """
        try cli.folder.write(Array(script.utf8), to: "peak.py")
        let command = (["python3", "../peak.py"] + arguments).joined(separator: " ")
        let ending = try await cli.shell(command)
        return (ending.status, try #require(Int(ending.text.split(separator: "\n").joined()), "\(ending.errors)"))
    }

    @Test("Endless headers and bodies do not take more of it", arguments: ["headers", "body", "error", "file"])
    func endless(_ what: String) async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            let ordinary = try await peak(cli, ["fetch", "--tenant", "acme", key])
            #expect(ordinary.status == 0)
            let actions: [Fault.Action] =
                switch what {
                case "headers": [.endlessHeaders]
                case "body": [.generatedBody(bytes: 120_000_000), .chunked]
                case "error": [.status(400), .generatedBody(bytes: 120_000_000), .chunked]
                default: [.generatedBody(bytes: 120_000_000), .chunked]
                }
            for api in [PlatformAPI.imagesGet, .messageResourceGet] {
                var fault = Fault(api, times: .always)
                fault.actions = actions
                cli.emulator.addFault(fault)
            }
            let reference = what == "file" ? "om_1/file_x" : "img_x"
            let hostile = try await peak(
                cli, ["fetch", "--tenant", "acme", reference, "--max-size", "60M", "--timeout", "60s"])
            #expect(hostile.status != 0)
            #expect(hostile.kilobytes < ordinary.kilobytes + 20_000, "\(ordinary.kilobytes) to \(hostile.kilobytes) kB")
        }
    }

    @Test("A list of a hundred thousand lines takes little more than one of ten, in a dry run and from a pipe")
    func longList() async throws {
        try await withCLI { cli in
            let keys = (0..<100_000).map { "acme\timg_v3_\($0)_00000000-0000-4000-8000-000000000000\n" }
            try cli.folder.write(Array(keys.prefix(10).joined().utf8), to: "work/short")
            try cli.folder.write(Array(keys.joined().utf8), to: "work/long")
            let short = try await peak(cli, ["fetch", "-q", "-i", "short", "--dry-run"])
            let long = try await peak(cli, ["fetch", "-q", "-i", "long", "--dry-run"])
            #expect(short.status == 0)
            #expect(long.status == 0)
            // Two fingerprints of eight bytes and what a growing table has in reserve.
            #expect(long.kilobytes < short.kilobytes + 20_000, "\(short.kilobytes) to \(long.kilobytes) kB")
        }
    }
}
