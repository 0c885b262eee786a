import FoundationEssentials
import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("Other users of the machine", .enabled(if: geteuid() == 0), .timeLimit(.minutes(10)))
struct OtherUserTests {
    @Test("Another user reads neither store nor key, whatever the directory allows, and gets an error of one line")
    func unreadable() async throws {
        try await withCLI { cli in
            _ = try await cli.larkimg("token", "--tenant", "acme")
            for mode: mode_t in [0o700, 0o711, 0o755] {
                chmod(cli.folder.appending("home").string, mode)
                for command in ["token --tenant acme", "status", "store check", "tenant remove acme"] {
                    let ending = try await cli.asOtherUser(
                        """
                        export LARKIMG_STORE=\(cli.folder.appending("home/store.sqlite"))
                        export LARKIMG_KEY_FILE=\(cli.folder.appending("home/key"))
                        larkimg \(command)
                        """)
                    #expect(ending.status == 78, "\(command): \(ending.errors)")
                    #expect(ending.output.isEmpty)
                    #expect(ending.errors.split(separator: "\n").count == 2, "\(ending.errors)")
                    #expect(!ending.isCrash)
                }
                let direct = try await cli.asOtherUser(
                    "cd ..; cat home/key home/store.sqlite home/store.sqlite-journal")
                #expect(direct.output.isEmpty)
            }
            #expect(try await cli.larkimg("token", "--tenant", "acme").status == 0)
        }
    }

    @Test("Two users with stores of their own do not wait for each other's locks")
    func apart() async throws {
        try await withCLI { cli in
            cli.emulator.addFault(Fault(.tenantAccessTokenInternal, .hold))
            let ending = try await cli.larkimg("token", "--tenant", "acme") { _ in
                await cli.emulator.waitForHeld(count: 1)
                let other = try await cli.asOtherUser(
                    """
                    printf %s \(CLIHarness.secret) |
                        larkimg tenant add acme --app-id \(CLIHarness.appID) --app-secret-file - \
                            --host \(cli.platform) >&2 && larkimg token --tenant acme
                    """)
                #expect(other.status == 0, "\(other.errors)")
                #expect(other.text.hasPrefix("t-"))
                cli.emulator.release()
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("A key, store or directory of another user, or that one may change, is refused before it is used")
    func foreignOwners() async throws {
        try await withCLI { cli in
            let home = cli.folder.appending("home")
            for name in ["key", "store.sqlite", "."] {
                chown(home.appending(name).string, 65534, 65534)
                let ending = try await cli.larkimg("token", "--tenant", "acme")
                #expect(ending.status == 78, "\(name): \(ending.errors)")
                chown(home.appending(name).string, 0, 0)
            }
            for mode: mode_t in [0o640, 0o604, 0o620, 0o602, 0o644, 0o660, 0o606, 0o666, 0o677] {
                chmod(home.appending("key").string, mode)
                #expect(
                    try await cli.larkimg("token", "--tenant", "acme").status == 78, "key \(String(mode, radix: 8))")
            }
            chmod(home.appending("key").string, 0o600)
            for mode: mode_t in [0o720, 0o702, 0o722, 0o770, 0o707, 0o777, 0o1777] {
                chmod(home.string, mode)
                #expect(
                    try await cli.larkimg("token", "--tenant", "acme").status == 78, "home \(String(mode, radix: 8))")
            }
            chmod(home.string, 0o700)
            #expect(cli.tokenCalls == 0)
            #expect(try await cli.larkimg("token", "--tenant", "acme").status == 0)
        }
    }
}

extension CLIHarness {
    /// Runs a shell script as the user 65534, with a home of its own in which store and key are, and `larkimg` as the
    /// one that was built, wherever that is: its directory may be closed to other users.
    func asOtherUser(_ script: String) async throws -> BuiltProgram.Ending {
        let home = folder.appending("other").string
        mkdir(home, 0o700)
        chown(home, 65534, 65534)
        chmod(folder.path.string, 0o755)
        let file = try folder.write(Array(script.utf8), to: "other.sh", permissions: [.ownerReadWrite, .otherRead])
        return try await shell(
            """
            exec 3<"$(command -v larkimg)"
            export -n LARKIMG_STORE LARKIMG_KEY_FILE
            larkimg() { /proc/self/fd/3 "$@"; }
            export -f larkimg
            HOME=\(home) exec setpriv --reuid 65534 --regid 65534 --clear-groups bash \(file)
            """)
    }
}
