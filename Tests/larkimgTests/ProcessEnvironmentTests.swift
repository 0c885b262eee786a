import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("Limits, clocks, descriptors and directories that a process may find", .timeLimit(.minutes(10)))
struct ProcessEnvironmentTests {
    @Test(
        "A limit that is too low is an error, or enough, and never a crash",
        arguments: ["-n 16", "-n 24", "-n 48", "-v 2097152", "-s 64", "-l 0"])
    func limits(_ limit: String) async throws {
        try await withCLI { cli in
            let ending = try await cli.shell("ulimit \(limit); exec larkimg token --tenant acme")
            #expect(!ending.isCrash, "\(ending.errors)")
            if ending.status == 0 {
                #expect(ending.text.hasPrefix("t-"))
            } else {
                #expect(ending.output.isEmpty)
                #expect(!ending.errors.isEmpty)
            }
            let after = try await cli.larkimg("token", "--tenant", "acme")
            #expect(after.status == 0, "\(after.errors)")
        }
    }

    @Test(
        "Too little address space for threads is one error, whatever the command",
        arguments: [100_000, 200_000, 1_000_000])
    func addressSpace(_ kilobytes: Int) async throws {
        try await withCLI { cli in
            for command in ["token --refresh --tenant acme", "fetch --tenant acme img_x", "serve --listen 127.0.0.1:0"]
            {
                let ending = try await cli.shell("ulimit -v \(kilobytes); exec larkimg \(command)")
                #expect(ending.status == 71 && ending.output.isEmpty, "\(command): \(ending.status) \(ending.errors)")
                #expect(ending.errors.contains("MiB of address space is too low\n  Raise it to 2 GiB: ulimit -v "))
            }
        }
    }

    @Test("Without standard descriptors the store is written as usual, and none of its files takes their numbers")
    func closedDescriptors() async throws {
        try await withCLI { cli in
            let ending = try await cli.shell(
                "strace -f -qq -y -o ../trace -e trace=openat larkimg token --tenant acme 0<&- 1>&- 2>&-")
            #expect(ending.status != 0, "the token could not be written")
            #expect(!ending.isCrash)
            let trace = String(decoding: try cli.folder.read("trace"), as: UTF8.self)
            #expect(!trace.contains(#/home/store\.sqlite.* = [012]</#))
            #expect(try await cli.larkimg("store", "check").status == 0)
            #expect(try await cli.larkimg("token", "--tenant", "acme").status == 0)
        }
    }

    @Test("A working directory that is gone, and a home that does not exist, matter only where they are needed")
    func missingDirectories() async throws {
        try await withCLI { cli in
            let gone = try await cli.shell("mkdir d && cd d && rmdir ../d && exec larkimg token --tenant acme")
            #expect(gone.status == 0, "\(gone.errors)")
            let home = try await cli.shell("HOME=/nonexistent exec larkimg token --tenant acme")
            #expect(home.status == 0, "\(home.errors)")
            for home in ["/nonexistent", "/etc/hostname", "/dev/null"] {
                let ending = try await cli.shell(
                    "unset LARKIMG_STORE LARKIMG_KEY_FILE; HOME=\(home) exec larkimg token --tenant acme")
                #expect(ending.status == 78, "\(home): \(ending.errors)")
                #expect(ending.errors.split(separator: "\n").count == 2, "\(ending.errors)")
            }
        }
    }

    @Test(
        "On a read-only or full file system a cached token is served, and a renewal gives a token or an error",
        .enabled(if: geteuid() == 0))
    func unwritable() async throws {
        try await withCLI { cli in
            let token = try await cli.larkimg("token", "--tenant", "acme").text
            for mount in [
                "mount --bind ../home ../home && mount -o remount,ro,bind ../home",
                """
                cp -a ../home ../copy && mount -t tmpfs -o size=200k,mode=0700 none ../home &&
                    cp -a ../copy/. ../home && { cat /dev/zero >../home/filler 2>/dev/null || true; }
                """,
            ] {
                let script = """
                    \(mount) || exit 1
                    larkimg token --tenant acme || exit 2
                    larkimg token --tenant acme --refresh >refreshed; echo $?
                    larkimg store check >check || exit 3
                    """
                try cli.folder.write(Array(script.utf8), to: "script")
                let ending = try await cli.shell("exec unshare --mount bash ../script")
                #expect(ending.status == 0, "\(ending.errors)")
                #expect(ending.lines.first.map { $0 + "\n" } == token)
                let status = ending.lines.last ?? ""
                #expect(["0", "73", "74", "78"].contains(status), "\(ending.text)")
                let refreshed = String(decoding: try cli.folder.read("work/refreshed"), as: UTF8.self)
                #expect(status == "0" ? refreshed == token : refreshed.isEmpty)
            }
        }
    }

    @Test("A user who may have twenty threads gets a token", .enabled(if: geteuid() == 0))
    func processes() async throws {
        try await withCLI { cli in
            let ending = try await cli.asOtherUser(
                """
                printf %s \(CLIHarness.secret) |
                    larkimg tenant add other --app-id \(CLIHarness.appID) --app-secret-file - --host \(cli.platform) \
                        --no-verify >&2 || exit
                ulimit -u 20
                exec /proc/self/fd/3 token --tenant other
                """)
            #expect(ending.text.hasPrefix("t-"), "\(ending.errors)")
        }
    }

    @Test(
        "After a jump of the clock a cached token is renewed: it has expired, or is not from the future",
        .enabled(if: access("/usr/bin/faketime", X_OK) == 0), arguments: ["+3h", "-1d"])
    func clockJumps(_ jump: String) async throws {
        try await withCLI { cli in
            _ = try await cli.larkimg("token", "--tenant", "acme")
            let calls = cli.tokenCalls
            let ending = try await cli.larkimg("token", "--tenant", "acme", wrapper: ["faketime", "-f", jump])
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(cli.tokenCalls == calls + 1)
        }
    }

    @Test(
        "A clock far in the past or the future hangs nothing, and what it left is not served for years",
        .enabled(if: access("/usr/bin/faketime", X_OK) == 0),
        arguments: ["1970-01-02 00:00:00", "2038-01-19 03:14:10", "2040-01-01 00:00:00", "2106-02-08 00:00:00"])
    func clocks(_ time: String) async throws {
        try await withCLI { cli in
            let first = try await cli.larkimg("token", "--tenant", "acme").text
            for command in [["status"], ["token", "--tenant", "acme", "--refresh"], ["token", "--tenant", "acme"]] {
                let ending = try await cli.larkimg(command, wrapper: ["faketime", "-f", "@\(time)"])
                #expect(ending.status == 0, "\(command): \(ending.errors)")
            }
            // On the right clock again, when the platform's token has expired.
            cli.emulator.advanceClock(seconds: 7201)
            cli.emulator.clearJournal()
            let image = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            let fetch = try await cli.larkimg("fetch", "--tenant", "acme", image)
            #expect(fetch.status == 0, "\(fetch.errors)")
            #expect(try await cli.larkimg("token", "--tenant", "acme").text != first)
            #expect(cli.emulator.count(of: .imagesGet) <= 2, "a wrong clock costs at most one rejected request")
        }
    }
}
