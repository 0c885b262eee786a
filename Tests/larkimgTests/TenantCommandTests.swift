import FoundationEssentials
import Glibc
import LarkEmulator
import TestSupport
import Testing

@Suite("larkimg tenant, exec and store", .timeLimit(.minutes(10)))
struct TenantCommandTests {
    @Test("A wrong secret is refused at once, with the platform's words, and the tenant is not added")
    func wrongSecret() async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(
                "tenant", "add", "new", "--app-id", CLIHarness.appID, "--app-secret-file", "-", "--host", cli.platform,
                input: "wrong")
            #expect(ending.status == 77)
            #expect(ending.errors.contains("10014: app secret invalid, log id "))
            #expect(try await cli.larkimg("tenant", "show", "new").status == 78)
        }
    }

    @Test(
        "Plain http to another machine, and addresses that are none, are refused",
        arguments: [
            "http://example.com", "ftp://x", "https://user:pw@example.com", "https://example.com/path", "localhost",
            "http://127.evil.example",
        ])
    func badHosts(_ host: String) async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(
                "tenant", "add", "new", "--app-id", "cli_x", "--app-secret-file", "-", "--host", host, input: "s")
            #expect(ending.status == 64, "\(ending.errors)")
        }
    }

    @Test("A name that is taken stays as it is")
    func taken() async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(
                "tenant", "add", "acme", "--app-id", "cli_other", "--app-secret-file", "-", "--host", cli.platform,
                input: "other")
            #expect(ending.status == 78)
            #expect(ending.errors.contains("larkimg tenant update acme"))
            #expect(try await cli.larkimg("tenant", "show", "acme").text.contains(CLIHarness.appID))
            #expect(cli.tokenCalls == 0)
        }
    }

    @Test("That a name is taken is said before the secret is asked for")
    func takenBeforePrompt() async throws {
        try await withCLI { cli in
            // Without a terminal, asking for the secret would end with 64.
            let ending = try await cli.shell("setsid -w larkimg tenant add acme --app-id cli_other </dev/null")
            #expect(ending.status == 78, "\(ending.errors)")
            #expect(ending.errors.contains("there is already a tenant acme"))
        }
    }

    @Test("A bare update ends the back-off after a refusal; the quota alone does not")
    func backOff() async throws {
        try await withCLI { cli in
            cli.emulator.setSecret("another", appID: CLIHarness.appID)
            #expect(try await cli.larkimg("token", "--tenant", "acme").status == 77)
            cli.emulator.setSecret(CLIHarness.secret, appID: CLIHarness.appID)
            #expect(try await cli.larkimg("tenant", "update", "acme", "--quota", "5/s").status == 0)
            let remembered = try await cli.larkimg("token", "--tenant", "acme")
            #expect(remembered.status != 0)
            #expect(
                remembered.errors.contains("To ask the platform again at once: larkimg tenant update acme\n"),
                "\(remembered.errors)")
            #expect(try await cli.larkimg("tenant", "update", "acme").status == 0)
            #expect(try await cli.larkimg("token", "--tenant", "acme").status == 0)
        }
    }

    @Test("A remedy names the tenant as it is, whatever words its name contains")
    func nameInRemedy() async throws {
        try await withCLI { cli in
            for name in ["KEY", "TENANT-NAME", "LARKIMG_AUTH_KEY_FILE"] {
                try await cli.addTenant(name)
                let ending = try await cli.larkimg("fetch", "--tenant", name, "img_missing")
                #expect(
                    ending.errors.contains("larkimg fetch --tenant \(name) --message MESSAGE_ID img_missing"),
                    "\(ending.errors)")
            }
        }
    }

    @Test("A tenant is added, shown, changed and removed; verifying it is the only call")
    func life() async throws {
        try await withCLI { cli in
            cli.emulator.setApp(.custom("cli_two", secret: "two"))
            let added = try await cli.larkimg(
                "tenant", "add", "two", "--app-id", "cli_two", "--app-secret-file", "-", "--host", cli.platform,
                "--json",
                input: "two\n")
            let line = try JSON.object(added.text)
            #expect(line["tenant"] == .string("two"))
            #expect(line["token_expires_at"] != nil)
            #expect(try await cli.larkimg("token", "--tenant", "two").status == 0)
            #expect(cli.tokenCalls == 1)
            cli.emulator.setSecret("three", appID: "cli_two")
            let changed = try await cli.larkimg("tenant", "update", "two", "--app-secret-file", "-", input: "three")
            #expect(changed.status == 0, "\(changed.errors)")
            #expect(try await cli.larkimg("tenant", "remove", "two").status == 0)
            #expect(try await cli.larkimg("token", "--tenant", "two").status == 78)
            #expect(try await cli.larkimg("tenant", "list").text.contains("acme"))
        }
    }

    @Test("exec gives the program the signals that larkimg was started with")
    func execSignals() async throws {
        try await withCLI { cli in
            // Signals 1 to 32: the C library keeps the others to itself.
            let look = #"sed -n 's/^\(Sig\(Blk\|Ign\)\):.*\(.\{8\}\)$/\1 \3/p' /proc/self/status"#
            for trap in ["true", "trap '' HUP PIPE"] {
                let ending = try await cli.shell("\(trap); \(look); larkimg exec --tenant acme -- \(look)")
                try #require(ending.lines.count == 4, "\(ending.errors)")
                #expect(ending.lines.prefix(2) == ending.lines.suffix(2))
            }
            let ended = try await cli.larkimg("exec", "--tenant", "acme", "--", "sleep", "600") { pid in
                try await eventually { try String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8) == "sleep\n" }
                kill(pid, SIGTERM)
            }
            #expect(ended.status == 128 + SIGTERM)
        }
    }

    @Test("exec becomes the program, with the token and what lark-cli reads, and a clean start")
    func exec() async throws {
        try await withCLI { cli in
            // SIGPIPE (13) and SIGXFSZ (25), as bits of the mask of ignored signals.
            let program =
                #"env; mask=0x$(sed -n 's/^SigIgn:\t//p' /proc/self/status); echo ignored $((mask & 0x1001000)); exit 42"#
            let ending = try await cli.larkimg("exec", "--tenant", "acme", "--", "sh", "-c", program)
            #expect(ending.status == 42, "\(ending.errors)")
            let token = try await cli.larkimg("token", "--tenant", "acme").text
            for line in [
                "LARK_TENANT_ACCESS_TOKEN=\(token)", "LARKSUITE_CLI_TENANT_ACCESS_TOKEN=\(token)",
                "LARKSUITE_CLI_APP_ID=\(CLIHarness.appID)\n", "LARKSUITE_CLI_BRAND=lark\n",
                "LARK_HOST=\(cli.platform)\n",
                "LARK_TENANT_ACCESS_TOKEN_EXPIRES_AT=20", "ignored 0\n",
            ] {
                #expect(ending.text.contains(line), "\(line)")
            }
            #expect(cli.tokenCalls == 1)
        }
    }

    @Test("A program run by exec has the descriptors that larkimg was started with, and none of larkimg's own")
    func execDescriptors() async throws {
        try await withCLI { cli in
            let script = """
                list='cd /proc/$$/fd && echo *'
                sh -c "$list"
                larkimg exec --tenant acme -- sh -c "$list"
                """
            let ending = try await cli.shell(script)
            let lines = ending.text.split(separator: "\n")
            #expect(lines.count == 2 && lines.first == lines.last, "\(ending.text) \(ending.errors)")
        }
    }

    @Test("A program that is not there ends with 127, one that cannot run with 126, none at all with 64")
    func execFailures() async throws {
        try await withCLI { cli in
            for (words, status) in [(["--", "no-such-program"], 127), (["--", "/etc/passwd"], 126), ([], 64)] {
                let ending = try await cli.larkimg(["exec", "--tenant", "acme"] + words)
                #expect(ending.status == status, "\(ending.errors)")
            }
        }
    }

    @Test("store path, check and backup; a store that is not sound ends with 78")
    func store() async throws {
        try await withCLI { cli in
            #expect(try await cli.larkimg("store", "path").text == "\(cli.folder.appending("home/store.sqlite"))\n")
            #expect(try await cli.larkimg("store", "check").text == "sound: 1 tenant\n")
            #expect(try await cli.larkimg("store", "backup", "copy").status == 0)
            #expect(try await cli.larkimg("store", "backup", "copy").status == 73)
            #expect(try await cli.larkimg("store", "check", "--store", "copy").status == 0)
            let broken = try await cli.shell(
                "sqlite3 copy \"UPDATE app SET host = 'https://evil.example'\" && larkimg store check --store copy")
            #expect(broken.status == 78)
            #expect(broken.text.contains("not sound"))
        }
    }

    @Test("Whatever the umask, store, key and lock files are the owner's alone", arguments: ["000", "022", "077"])
    func umask(_ mask: String) async throws {
        try await withCLI { cli in
            let script = """
                umask \(mask)
                export LARKIMG_STORE=$PWD/fresh/store.sqlite LARKIMG_KEY_FILE=$PWD/fresh/keys/key
                printf \(CLIHarness.secret) | larkimg tenant add new --app-id \(CLIHarness.appID) --app-secret-file - \
                    --host \(cli.platform) --no-verify >/dev/null && larkimg token --tenant new >/dev/null &&
                find fresh -printf '%m\\n' | sort | uniq -c | tr -s ' '
                """
            let ending = try await cli.shell(script)
            // Store and counts with their journals, key and lock; the store's folder, the key's, the locks'.
            #expect(ending.text == " 6 600\n 3 700\n", "\(ending.errors)")
        }
    }

    @Test("A key that others can read ends with 78 and the chmod to run; another store's key with 78 and its name")
    func keys() async throws {
        try await withCLI { cli in
            let loose = try await cli.shell("chmod 644 $LARKIMG_KEY_FILE; larkimg token --tenant acme")
            #expect(loose.status == 78)
            #expect(loose.errors.contains("  chmod 600 '\(cli.folder.appending("home/key"))'\n"))
            let other = try await cli.shell(
                "head -c 32 /dev/urandom >k; chmod 600 k; LARKIMG_KEY_FILE=k larkimg token --tenant acme")
            #expect(other.status == 78)
            #expect(other.errors.contains("the key k is not the one"))
            let missing = try await cli.larkimg("token", "--tenant", "acme", extra: ["LARKIMG_KEY_FILE": "nowhere"])
            #expect(missing.status == 78)
            #expect(cli.emulator.journal.isEmpty)
        }
    }

    @Test("The process holds one SQLite, the system's")
    func oneSQLite() async throws {
        try await withCLI { cli in
            let ending = try await cli.shell("ldd $(command -v larkimg) | grep -c libsqlite3")
            #expect(ending.text == "1\n")
        }
    }

    @Test("Fifty first runs on an empty folder: one schema, one key, fifty tenants")
    func firstRuns() async throws {
        try await withCLI { cli in
            let script = """
                export LARKIMG_STORE=$PWD/fresh/store.sqlite LARKIMG_KEY_FILE=$PWD/fresh/key
                for number in $(seq 50); do
                    printf secret$number | larkimg tenant add t$number --app-id cli_x --app-secret-file - --no-verify & pids+=($!)
                done
                for pid in ${pids[@]}; do wait $pid || exit; done
                larkimg store check
                """
            let ending = try await cli.shell(script)
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(ending.text.hasSuffix("sound: 50 tenants\n"))
        }
    }
}
