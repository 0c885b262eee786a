import FoundationEssentials
import Glibc
import LarkEmulator
import SystemPackage
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
            BadSecret(testDescription: "a carriage return behind", text: "secret\r"),
            BadSecret(testDescription: "a carriage return before CRLF", text: "secret\r\r\n"),
            BadSecret(testDescription: "a megabyte", text: String(repeating: "s", count: 1 << 20)),
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

    @Test("One LF or CRLF at the end of a secret is dropped", arguments: ["\n", "\r\n"])
    func newline(_ end: String) async throws {
        try await withCLI { cli in
            let ending = try await cli.larkimg(
                "tenant", "add", "new", "--app-id", CLIHarness.appID, "--app-secret-file", "-", "--host", cli.platform,
                input: CLIHarness.secret + end)
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test(
        "A client secret that others can read is refused with the chmod to run, as the key is",
        arguments: [0o644, 0o640, 0o604] as [UInt32])
    func clientSecretFile(_ permissions: UInt32) async throws {
        try await withCLI { cli in
            let file = try cli.folder.write(Array("lkc_x".utf8), to: "client secret").string
            #expect(chmod(file, permissions) == 0)
            let ending = try await cli.larkimg(
                "token", "--tenant", "acme", "--auth-service", "http://127.0.0.1:9",
                extra: ["LARKIMG_AUTH_SECRET_FILE": file])
            #expect(ending.status == 78, "\(ending.errors)")
            #expect(ending.errors.hasSuffix("\n  chmod 600 '\(file)'\n"), "\(ending.errors)")
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

    /// Functions in Python that type at the prompt of `tenant add`.
    private static func terminal(_ cli: CLIHarness, _ script: String) -> String {
        """
        import os, pty, signal, sys, termios, time

        def start():
            pid, terminal = pty.fork()
            if pid == 0:
                os.execvp("larkimg", "larkimg tenant add typed --app-id \(CLIHarness.appID) --host \(cli.platform)".split())
            seen = b""
            while b"app_secret: " not in seen:
                seen += os.read(terminal, 1024)
            return pid, terminal

        def end(pid, terminal):
            seen = b""
            try:
                while part := os.read(terminal, 1024):
                    seen += part
            except OSError:
                pass
            echo = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), echo, seen

        def talk(answer):
            pid, terminal = start()
            os.write(terminal, answer)
            return end(pid, terminal)

        secret = b"\(CLIHarness.secret)"
        \(script)
        """
    }

    @Test("The prompt on a terminal shows nothing of what is typed, and Ctrl-C leaves the terminal in order")
    func prompt() async throws {
        try await withCLI { cli in
            let script = """
                status, echo, seen = talk(secret[:3] + b"\\x03")
                assert (status, echo) == (130, True), (status, echo)
                status, echo, seen = talk(b"wrong\\x15" + secret + b"x\\x7f\\r")
                assert status == 0, (status, seen)
                assert secret not in seen and echo, seen
                """
            try cli.folder.write(Array(Self.terminal(cli, script).utf8), to: "driver.py")
            let ending = try await cli.shell("python3 ../driver.py")
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try await cli.larkimg("token", "--tenant", "typed").status == 0)
        }
    }

    @Test("A signal at the prompt ends it, and leaves the terminal in order", arguments: ["HUP", "INT", "TERM"])
    func signalAtPrompt(_ signal: String) async throws {
        try await withCLI { cli in
            let script = """
                pid, terminal = start()
                os.write(terminal, secret[:3])
                os.kill(pid, signal.SIG\(signal))
                status, echo, seen = end(pid, terminal)
                assert (status, echo) == (128 + signal.SIG\(signal), True), (status, echo, seen)
                """
            try cli.folder.write(Array(Self.terminal(cli, script).utf8), to: "driver.py")
            let ending = try await cli.shell("python3 ../driver.py")
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try await cli.larkimg("tenant", "show", "typed").status == 78)
        }
    }

    @Test("After the prompt, Ctrl-C ends the command while the platform is silent")
    func signalAfterPrompt() async throws {
        try await withCLI { cli in
            cli.emulator.addFault(Fault(.tenantAccessTokenInternal, times: .always, .hold))
            let script = """
                pid, terminal = start()
                os.write(terminal, secret + b"\\r")
                for _ in range(100):
                    # check: allowed, the pause between signals that are repeated until one is handled
                    time.sleep(0.02)
                    os.kill(pid, signal.SIGINT)
                    found, status = os.waitpid(pid, os.WNOHANG)
                    if found:
                        break
                assert found, "it did not end"
                # The first signal is handled; the second, if there is time for one, has its default effect.
                assert os.waitstatus_to_exitcode(status) in (130, -signal.SIGINT), status
                """
            try cli.folder.write(Array(Self.terminal(cli, script).utf8), to: "driver.py")
            let ending = try await cli.shell("python3 ../driver.py")
            #expect(ending.status == 0, "\(ending.errors)")
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
