import FoundationEssentials
import Glibc
import LarkEmulator
import Synchronization
import TestSupport
import Testing

@Suite("The memory that larkimg fetch takes", .timeLimit(.minutes(10)))
struct FetchMemoryTests {
    /// Runs larkimg and returns its status and the most memory that it had, in kB.
    private func peak(_ cli: CLIHarness, _ arguments: [String]) async throws -> (status: Int32, kilobytes: Int) {
        let peak = Mutex(0)
        let ending = try await cli.larkimg(arguments) { process in
            try await eventually {
                // A process that has ended has no memory any more.
                guard let kilobytes = Self.peak(of: process) else { return true }
                peak.withLock { $0 = max($0, kilobytes) }
                return false
            }
        }
        return (ending.status, peak.withLock { $0 })
    }

    private static func peak(of process: Int32) -> Int? {
        let status = try? String(contentsOf: URL(filePath: "/proc/\(process)/status"), encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
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
