import FoundationEssentials
import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("Many processes, one token", .serialized, .timeLimit(.minutes(60)))
struct HerdTests {
    /// A thousand in a long run.
    private static let count = TestLength.factor > 1 ? 1000 : 200

    @Test("Hundreds of processes at once on no token: one authorization call, one token, no failure")
    func noToken() async throws {
        try await withCLI { cli in try await herd(of: Self.count, at: cli) }
    }

    @Test("Hundreds of processes at once on an expired token: one authorization call, one token, no failure")
    func spentToken() async throws {
        try await withCLI { cli in
            // Too short for the processes, which need 300 s.
            cli.emulator.addFault(Fault(.tenantAccessTokenInternal, .expire(.integer(200))))
            let first = try await cli.larkimg("token", "--tenant", "acme", "--min-ttl", "0")
            try #require(first.status == 0, "\(first.errors)")
            cli.emulator.advanceClock(seconds: 6000)
            cli.emulator.clearJournal()
            try await herd(of: Self.count, at: cli)
        }
    }

    @Test("Hundreds of processes with a wrong secret: one call, and everyone is told")
    func wrongSecret() async throws {
        try await withCLI { cli in
            cli.emulator.setSecret("another", appID: CLIHarness.appID)
            let endings = try await run(Self.count, at: cli)
            #expect(endings.allSatisfy { $0.status == 77 && $0.errors.contains("10014") })
            // A machine that needs more than the minute of the first back-off for all processes asks once more.
            #expect(1...2 ~= cli.tokenCalls)
        }
    }

    @Test("Two bulk runs that meet a throttled token endpoint both wait, and download everything")
    func throttled() async throws {
        try await withCLI { cli in
            let keys = (1...3)
                .map { cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png(bytes: 1000 + $0)) }
            cli.emulator.addFault(
                Fault(.tenantAccessTokenInternal, .hold, .limit(status: 429, reset: "3", limit: nil)))
            let fetch = ["fetch", "--tenant", "acme"] + keys
            async let first = cli.larkimg(fetch + ["-d", "first"])
            await cli.emulator.waitForHeld(count: 1)
            async let second = cli.larkimg(fetch + ["-d", "second"])
            try await cli.processesHoldingLock(2)
            cli.emulator.release()
            for ending in try await [first, second] { #expect(ending.status == 0, "\(ending.errors)") }
            #expect(cli.tokenCalls == 2)
        }
    }

    @Test("While the process that renews is stopped, one of those that wait renews in its place")
    func stoppedHolder() async throws {
        try await withCLI { cli in
            cli.emulator.addFault(Fault(.tenantAccessTokenInternal, .hold))
            async let stopped = cli.larkimg("token", "--tenant", "acme") { process in
                await cli.emulator.waitForHeld(count: 1)
                kill(process, SIGSTOP)
                defer { kill(process, SIGCONT) }
                let endings = try await withThrowingTaskGroup(of: BuiltProgram.Ending.self) { group in
                    for _ in 1...20 { group.addTask { try await cli.larkimg("token", "--tenant", "acme") } }
                    return try await group.reduce(into: [BuiltProgram.Ending]()) { $0.append($1) }
                }
                #expect(endings.allSatisfy { $0.status == 0 }, "\(endings.first { $0.status != 0 }?.errors ?? "")")
                #expect(Set(endings.map(\.output)).count == 1)
                #expect(cli.tokenCalls == 2)
                cli.emulator.release()
            }
            // Its own request may have timed out by now. The newer token stays.
            let ending = try await stopped
            #expect([0, 69].contains(ending.status))
            #expect(try await cli.larkimg("token", "--tenant", "acme").status == 0)
            #expect(cli.tokenCalls == 2)
        }
    }

    @Test("When the one that renews is killed, the next goes on at once, and nothing is lost")
    func killedHolder() async throws {
        try await withCLI { cli in
            cli.emulator.addFault(Fault(.tenantAccessTokenInternal, .hold))
            async let killed = cli.larkimg("token", "--tenant", "acme") { process in
                await cli.emulator.waitForHeld(count: 1)
                try await withThrowingTaskGroup(of: BuiltProgram.Ending.self) { group in
                    for _ in 1...5 { group.addTask { try await cli.larkimg("token", "--tenant", "acme") } }
                    try await cli.processesHoldingLock(6)
                    kill(process, SIGKILL)
                    for try await ending in group {
                        #expect(ending.status == 0, "\(ending.errors)")
                    }
                }
            }
            let ending = try await killed
            #expect(ending.status == 128 + SIGKILL)
            #expect(cli.tokenCalls == 2)
            #expect(try await cli.larkimg("store", "check").status == 0)
        }
    }

    @Test("SIGKILL at any system call of a renewal leaves a sound store and a free lock")
    func killedAnywhere() async throws {
        try await withCLI { cli in
            for call in ["flock", "fdatasync", "pwrite64", "ftruncate", "unlink", "sendto", "connect"] {
                for number in 1...3 * TestLength.factor {
                    _ = try await cli.larkimg(
                        "token", "--tenant", "acme", "--refresh",
                        wrapper: [
                            "strace", "-f", "-qq", "-o", "/dev/null", "-e",
                            "inject=\(call):signal=SIGKILL:when=\(number)",
                        ])
                    let after = try await cli.larkimg("token", "--tenant", "acme")
                    #expect(after.status == 0, "\(call) \(number): \(after.errors)")
                }
            }
            #expect(try await cli.larkimg("store", "check").status == 0)
        }
    }

    /// Starts so many `token` commands at the same moment, with a platform that takes its time, and looks at the end.
    private func herd(of count: Int, at cli: CLIHarness) async throws {
        cli.emulator.addFault(Fault(.tenantAccessTokenInternal, .delay(seconds: 0.5)))
        let endings = try await run(count, at: cli)
        #expect(endings.allSatisfy { $0.status == 0 }, "\(endings.first { $0.status != 0 }?.errors ?? "")")
        #expect(Set(endings.map(\.output)).count == 1)
        #expect(cli.tokenCalls == 1)
    }

    /// How one process of a herd ended.
    private struct HerdEnding {
        let status: Int
        let output: [UInt8]
        let errors: String
    }

    private func run(_ count: Int, at cli: CLIHarness) async throws -> [HerdEnding] {
        // All of them wait for a lock on the gate; it opens when the last one is there.
        let script = """
            exec 9>gate; flock 9
            for number in $(seq \(count)); do
                { flock -s gate true; larkimg token --tenant acme >out.$number 2>err.$number; echo $? >status.$number; } 9>&- &
            done
            flock -u 9
            wait
            """
        let shell = try await cli.shell(script)
        try #require(shell.status == 0, "\(shell.errors)")
        return try (1...count)
            .map { number in
                let status = String(decoding: try cli.folder.read("work/status.\(number)"), as: UTF8.self)
                return HerdEnding(
                    status: Int(status.dropLast()) ?? -1,
                    output: try cli.folder.read("work/out.\(number)"),
                    errors: String(decoding: try cli.folder.read("work/err.\(number)"), as: UTF8.self))
            }
    }
}

extension CLIHarness {
    /// Comes back when so many processes have the tenant's lock file open.
    func processesHoldingLock(_ count: Int) async throws {
        let locks = folder.appending("home/store.sqlite.locks").string
        try await eventually { holders(of: locks) >= count }
    }

    private func holders(of directory: String) -> Int {
        let processes = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        return processes.count { process in descriptors(of: process).contains { $0.hasPrefix(directory) } }
    }

    /// The files and sockets that a process has open; none for one that has ended.
    func descriptors(of process: Int32) -> [String] {
        let files = FileManager.default
        // Processes and descriptors come and go meanwhile.
        return ((try? files.contentsOfDirectory(atPath: "/proc/\(process)/fd")) ?? [])
            .compactMap { try? files.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\($0)") }
    }
}
