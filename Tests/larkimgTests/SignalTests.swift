import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("Signals during a renewal", .timeLimit(.minutes(10)))
struct SignalTests {
    @Test(
        "A signal while the platform is asked ends the command, frees the lock and keeps the store sound",
        arguments: [SIGINT, SIGTERM, SIGHUP])
    func whileWaiting(_ signal: Int32) async throws {
        try await withCLI { cli in
            cli.emulator.addFault(Fault(.tenantAccessTokenInternal, .hold))
            let ending = try await cli.larkimg("token", "--tenant", "acme") { process in
                await cli.emulator.waitForHeld(count: 1)
                kill(process, signal)
            }
            cli.emulator.release()
            #expect(ending.status == 128 + signal)
            #expect(ending.output.isEmpty)
            #expect(try await cli.larkimg("token", "--tenant", "acme").status == 0)
            #expect(try await cli.larkimg("store", "check").status == 0)
        }
    }

    @Test(
        "A signal at any system call of a renewal leaves a sound store and a free lock", arguments: [SIGINT, SIGTERM])
    func anywhere(_ signal: Int32) async throws {
        try await withCLI { cli in
            for call in ["flock", "fdatasync", "pwrite64", "ftruncate", "sendto", "connect"] {
                for number in 1...2 * TestLength.factor {
                    let ending = try await cli.larkimg(
                        "token", "--tenant", "acme", "--refresh",
                        wrapper: [
                            "strace", "-f", "-qq", "-o", "/dev/null", "-e",
                            "inject=\(call):signal=\(signal):when=\(number)",
                        ])
                    #expect([0, 128 + signal].contains(ending.status), "\(call) \(number): \(ending.errors)")
                    let after = try await cli.larkimg("token", "--tenant", "acme")
                    #expect(after.status == 0, "\(call) \(number): \(after.errors)")
                }
            }
            #expect(try await cli.larkimg("store", "check").status == 0)
        }
    }
}
