import FoundationEssentials
import LarkEmulator
import TestSupport
import Testing

@Suite("Secrets: how they come in, and that they never come out", .timeLimit(.minutes(10)))
struct SecretTests {
    /// A secret that cannot be used.
    struct BadSecret: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
    }

    @Test(
        "What is no secret is refused, and nothing is stored",
        arguments: [
            BadSecret(testDescription: "nothing", text: ""), BadSecret(testDescription: "a newline", text: "\n"),
            BadSecret(testDescription: "a space inside", text: "a b"),
            BadSecret(testDescription: "a space behind", text: "secret "),
            BadSecret(testDescription: "two lines", text: "a\nb\n"),
            BadSecret(testDescription: "a byte order mark", text: "\u{FEFF}secret"),
            BadSecret(testDescription: "an escape", text: "a\u{1B}[2J"),
            BadSecret(testDescription: "NUL", text: "a\u{0}b"),
            BadSecret(testDescription: "60,000 bytes", text: String(repeating: "s", count: 60_000)),
        ])
    func badSecrets(_ secret: BadSecret) async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(
                "tenant", "add", "new", "--app-id", "cli_n", "--app-secret-file", "-", "--host", cli.platform,
                input: secret.text)
            #expect(ending.status == 64, "\(ending.errors)")
            #expect(cli.emulator.journal.isEmpty)
            #expect(try await !cli.larkimg("tenant", "list").text.contains("new"))
        }
    }

    @Test(
        "Sources that have no end, or no beginning, neither hang nor crash",
        arguments: ["</dev/zero", "<&-", "</dev/null"])
    func oddSources(_ redirection: String) async throws {
        try await withCLI { cli in
            let ending = try await cli.shell(
                "larkimg tenant add new --app-id cli_n --app-secret-file - --host \(cli.platform) \(redirection)")
            #expect(ending.status == 64, "\(ending.errors)")
        }
    }

    @Test("Without a terminal there is no prompt, but the way to give a secret")
    func noTerminal() async throws {
        try await withCLI { cli in
            let ending = try await cli.shell(
                "setsid larkimg tenant add new --app-id cli_n --host \(cli.platform) </dev/null")
            #expect(ending.status == 64, "\(ending.errors)")
            #expect(ending.errors.contains("--app-secret-file"))
        }
    }

    @Test("The prompt on a terminal shows nothing of what is typed, and Ctrl-C leaves the terminal in order")
    func prompt() async throws {
        try await withCLI { cli in
            let driver = """
                import os, pty, sys, termios

                def talk(answer):
                    pid, terminal = pty.fork()
                    if pid == 0:
                        os.execvp("larkimg", "larkimg tenant add typed --app-id \(CLIHarness.appID) --host \(cli.platform)".split())
                    seen = b""
                    while b"app_secret: " not in seen:
                        seen += os.read(terminal, 1024)
                    os.write(terminal, answer)
                    try:
                        while True:
                            part = os.read(terminal, 1024)
                            if not part:
                                break
                            seen += part
                    except OSError:
                        pass
                    echo = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
                    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen, echo

                secret = b"\(CLIHarness.secret)"
                status, seen, echo = talk(secret[:3] + b"\\x03")
                assert (status, echo) == (130, True), (status, echo)
                status, seen, echo = talk(b"wrong\\x15" + secret + b"x\\x7f\\r")
                assert status == 0, (status, seen)
                assert secret not in seen and echo, seen
                """
            try cli.folder.write(Array(driver.utf8), to: "driver.py")
            let ending = try await cli.shell("python3 ../driver.py")
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try await cli.larkimg("token", "--tenant", "typed").status == 0)
        }
    }

    @Test("A secret from the environment is taken, and a program run by exec does not inherit it")
    func environment() async throws {
        try await withCLI { cli in
            let extra = ["LARKIMG_APP_SECRET": CLIHarness.secret]
            let added = try await cli.larkimg(
                "tenant", "add", "env", "--app-id", CLIHarness.appID, "--host", cli.platform, extra: extra)
            #expect(added.status == 0, "\(added.errors)")
            let seen = try await cli.larkimg("exec", "--tenant", "env", "--", "env", extra: extra)
            #expect(seen.status == 0)
            #expect(!seen.text.contains(CLIHarness.secret))
        }
    }

    @Test("Neither the secret nor the token is in any output, error or file, whatever goes wrong")
    func canaries() async throws {
        try await withCLI { cli in
            let token = "t-canary-token-0815"
            cli.emulator.addFault(Fault(.tenantAccessTokenInternal, times: .always, .token(token)))
            cli.emulator.addFault(
                Fault(
                    .imagesGet, times: .always,
                    // A request for an image carries the token alone, so the secret cannot be repeated here.
                    .error(status: 400, code: 99_991_663, msg: "bad token \(token)", headers: nil)))
            let update = ["tenant", "update", "acme", "--app-secret-file", "-", "--host", cli.platform]
            let commands: [(arguments: [String], input: String)] = [
                (["tenant", "list", "--json"], ""), (["tenant", "show", "acme"], ""), (update, CLIHarness.secret),
                (["fetch", "--tenant", "acme", "img_x"], ""), (["fetch", "--tenant", "acme", "img_x", "--json"], ""),
                (["token", "--tenant", "acme", "--reject", "-"], token),
                (["token", "--tenant", "acme", "--reject", token], ""), (["store", "check"], ""),
                (["store", "backup", "copy.sqlite"], ""), (["exec", "--tenant", "acme", "--", "true"], ""),
            ]
            for command in commands {
                let ending = try await cli.larkimg(command.arguments, input: command.input)
                for canary in [token, CLIHarness.secret] {
                    #expect(!ending.text.contains(canary), "\(command.arguments)")
                    #expect(!ending.errors.contains(canary), "\(command.arguments)")
                }
            }
            let canaries = [token, CLIHarness.secret]
                .flatMap { [Array($0.utf8), Array(Data($0.utf8).base64EncodedString().utf8.dropLast(4))] }
            for name in try cli.folder.names(in: "home") where name != "store.sqlite.locks" {
                let bytes = try cli.folder.read("home/\(name)")
                for canary in canaries { #expect(!bytes.contains(canary), "\(name)") }
            }
            let copy = try cli.folder.read("work/copy.sqlite")
            for canary in canaries { #expect(!copy.contains(canary)) }
        }
    }
}
