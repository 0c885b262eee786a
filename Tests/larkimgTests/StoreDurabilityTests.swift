import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("What the store has committed is on the disk, and other programs share nothing of it", .timeLimit(.minutes(10)))
struct StoreDurabilityTests {
    @Test("Each commit syncs the journal three times and the store once")
    func syncs() async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(
                "token", "--tenant", "acme",
                wrapper: ["strace", "-f", "-y", "-qq", "-o", "../trace", "-e", "trace=fdatasync,fsync,ftruncate"])
            #expect(ending.status == 0, "\(ending.errors)")
            let trace = String(decoding: try cli.folder.read("trace"), as: UTF8.self).split(separator: "\n")
            func count(_ call: String, _ file: String) -> Int {
                trace.count { $0.contains(" \(call)(") && $0.contains("/home/\(file)>") }
            }
            // A commit ends when it empties the journal.
            let commits = count("ftruncate", "store.sqlite-journal")
            #expect(commits >= 1)
            #expect(count("fdatasync", "store.sqlite") == commits)
            #expect(count("fdatasync", "store.sqlite-journal") == 3 * commits)
        }
    }

    @Test("What was acknowledged before SIGKILL is in the store")
    func acknowledged() async throws {
        try await withCLI { cli in
            var acknowledged: [String] = []
            for call in ["pwrite64", "fdatasync", "ftruncate", "write", "close", "exit_group"] {
                for number in 1...3 * TestLength.factor {
                    let name = "client-\(call)-\(number)".replacing("_", with: "-")
                    let ending = try await cli.larkimg(
                        "client", "add", name, "--tenants", "acme",
                        wrapper: [
                            "strace", "-f", "-qq", "-o", "/dev/null", "-e",
                            "inject=\(call):signal=SIGKILL:when=\(number)",
                        ])
                    if !ending.output.isEmpty { acknowledged.append(name) }
                }
            }
            #expect(!acknowledged.isEmpty)
            let list = try await cli.larkimg("client", "list", "--json").text
            for name in acknowledged { #expect(list.contains("\"\(name)\""), "\(name)") }
            #expect(try await cli.larkimg("store", "check").status == 0)
        }
    }

    @Test("A store that another program set to WAL is read, and has a rollback journal again")
    func writeAheadLog() async throws {
        try await withCLI { cli in
            let token = try await cli.larkimg("token", "--tenant", "acme").text
            let wal = try await cli.shell("sqlite3 \"$LARKIMG_STORE\" 'PRAGMA journal_mode = WAL'")
            try #require(wal.text == "wal\n", "\(wal.errors)")
            #expect(try await cli.larkimg("token", "--tenant", "acme").text == token)
            #expect(try await cli.larkimg("token", "--tenant", "acme", "--refresh").text == token)
            // The versions that a reader and a writer of the file need: 1 is the rollback journal, 2 is WAL.
            #expect(try cli.folder.read("home/store.sqlite")[18...19] == [1, 1])
            #expect(try cli.folder.names(in: "home").allSatisfy { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") })
            #expect(try await cli.larkimg("store", "check").status == 0)
        }
    }

    @Test("A program that exec runs holds no file and no lock of the store, whatever others do with it meanwhile")
    func exec() async throws {
        try await withCLI { cli in
            // Expiring: it is renewed while exec runs.
            cli.emulator.addFault(Fault(.tenantAccessTokenInternal, .expire(1000)))
            _ = try await cli.larkimg("token", "--tenant", "acme")
            let ending = try await cli.larkimg(
                "exec", "--tenant", "acme", "--", "sh", "-c", "echo > started; exec tail -f /dev/null"
            ) { process in
                defer { kill(process, SIGTERM) }
                try await eventually { try cli.files().contains("started") }
                let home = cli.folder.appending("home").string
                #expect(cli.descriptors(of: process).allSatisfy { !$0.hasPrefix(home) })
                for command in [
                    ["token", "--tenant", "acme", "--refresh"], ["store", "backup", "copy"], ["store", "check"],
                    ["tenant", "remove", "acme"],
                ] {
                    let other = try await cli.larkimg(command)
                    #expect(other.status == 0, "\(command): \(other.errors)")
                }
            }
            #expect(ending.status == 128 + SIGTERM, "\(ending.errors)")
        }
    }

    @Test("Readers beside writers never fail, and read one token")
    func readersBesideWriters() async throws {
        try await withCLI { cli in
            let rounds = 10 * TestLength.factor
            let script = """
                larkimg token --tenant acme >first || exit
                for writer in 1 2 3; do
                    for round in $(seq \(rounds)); do larkimg token --tenant acme --refresh || echo "$writer: $?"; done &
                done >writers 2>&1
                for reader in 1 2 3 4 5; do
                    for round in $(seq \(2 * rounds)); do larkimg token --tenant acme || echo "$reader: $?"; done &
                done >readers 2>&1
                wait
                sort -u first writers readers
                """
            let ending = try await cli.shell(script)
            #expect(ending.status == 0, "\(ending.errors)")
            // The platform returns the same token all the time.
            #expect(ending.lines.count == 1, "\(ending.text)")
            let lines = String(decoding: try cli.folder.read("work/readers"), as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 5 * 2 * rounds)
            #expect(try await cli.larkimg("store", "check").status == 0)
        }
    }
}
