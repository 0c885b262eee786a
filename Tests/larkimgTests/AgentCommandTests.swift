import FoundationEssentials
import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("larkimg agent", .timeLimit(.minutes(10)))
struct AgentCommandTests {
    /// Runs an agent while a body looks at its files, then ends it.
    private func running(
        _ cli: CLIHarness, _ arguments: [String], extra: [String: String] = [:], signal: Int32 = SIGTERM,
        _ body: @escaping @Sendable (Int32) async throws -> Void
    ) async throws -> BuiltProgram.Ending {
        try await cli.larkimg(["agent"] + arguments, extra: extra) { pid in
            defer { kill(pid, signal) }
            try await body(pid)
        }
    }

    private static func exists(_ file: String) -> Bool { access(file, F_OK) == 0 }

    @Test(
        "What makes no sense is refused before anything is sent",
        arguments: [
            ([], 64, "--write"), (["--write", "acme"], 64, "takes a tenant and a file"),
            (["--write", "acme="], 64, "takes a tenant and a file"), (["--write", "a b=x"], 64, "tenant name"),
            (["--write", "acme=x", "--write", "globex=x"], 64, "the same file"),
            (["--write", "acme=x", "--mode", "666"], 64, "--mode takes"),
            (["--write", "acme=x", "--format", "xml"], 64, "xml"),
            (["--write", "acme=x", "--min-ttl", "31m"], 64, "--min-ttl"),
            (["--write", "acme=x", "--on-change", "a | b"], 64, "no shell runs it"),
            (["--write", "acme=x", "--on-change", "HUP:relative.pid/x"], 64, "in PATH or an absolute path"),
            (["--write", "acme=none/x"], 73, "the directory of none/x does not exist"),
            (["--write", "acme=."], 73, "is not the name of a file"), (["--write", "acme=dir"], 73, "is a directory"),
        ] as [([String], Int32, String)])
    func usage(_ arguments: [String], _ status: Int32, _ words: String) async throws {
        try await withCLI { cli in
            try FileManager.default.createDirectory(
                atPath: cli.folder.appending("work/dir").string, withIntermediateDirectories: true)
            let ending = try await cli.larkimg(["agent", "--once"] + arguments)
            #expect(ending.status == status, "\(ending.errors)")
            #expect(ending.errors.contains(words), "\(ending.errors)")
            #expect(cli.emulator.journal.isEmpty)
            #expect(try cli.folder.names(in: "work") == ["dir"])
        }
    }

    @Test("--once writes what it can; its status is that of the failures, and an old file stays while it may be valid")
    func onceWithFailures() async throws {
        try await withCLI { cli in
            cli.emulator.setApp(.custom("cli_bad", secret: "another"))
            try await cli.addTenant("bad", appID: "cli_bad")
            try cli.folder.write(Array("t-old\n".utf8), to: "work/bad")
            let refused = try await cli.larkimg("agent", "--once", "--write", "bad=bad", "--write", "acme=acme")
            #expect(refused.status == 77, "\(refused.errors)")
            #expect(refused.errors.hasPrefix("larkimg: bad: ") && refused.errors.contains("10014"), "\(refused.errors)")
            #expect(try cli.folder.read("work/acme").starts(with: "t-".utf8))
            #expect(try cli.folder.read("work/bad") == Array("t-old\n".utf8))
            let mixed = try await cli.larkimg("agent", "--once", "--write", "bad=bad", "--write", "none=none")
            #expect(mixed.status == 1, "\(mixed.errors)")
            #expect(mixed.errors.contains("there is no tenant none"), "\(mixed.errors)")
            // Two hours after it was written, no token in it can be valid.
            let late = try await cli.shell("touch -d '-2 hours' bad && larkimg agent --once --write bad=bad")
            #expect(late.status == 77, "\(late.errors)")
            #expect(try cli.folder.names(in: "work") == ["acme"])
        }
    }

    @Test(
        "A file has the format, the permissions and the name that were asked for, and replaces a link, not its target")
    func formats() async throws {
        try await withCLI { cli in
            let token = try await cli.larkimg("token", "--tenant", "acme").lines[0]
            try cli.folder.write(Array("target".utf8), to: "target")
            #expect(symlink("../target", cli.folder.appending("work/acme").string) == 0)
            for (format, text) in [
                ("bare", "\(token)\n"), ("header", "Authorization: Bearer \(token)\n"),
                ("curl-config", "header = \"Authorization: Bearer \(token)\"\n"),
                ("nginx", "set $lark_token \"\(token)\";\n"),
                ("env", try await cli.larkimg("token", "--tenant", "acme", "--format", "env").text),
            ] {
                let ending = try await cli.shell(
                    "umask 077; larkimg agent --once --write acme=acme --format \(format) && stat -c '%a %F' acme && cat acme"
                )
                #expect(ending.text == "600 regular file\n\(text)", "\(format): \(ending.errors)")
            }
            let json = try await cli.shell(
                "umask 077; larkimg agent --once --write acme=acme --format json --mode 640 && stat -c %a acme && cat acme"
            )
            #expect(json.lines.first == "640", "\(json.errors)")
            #expect(try JSON.object(json.lines.last ?? "")["tenant_access_token"] == .string(token))
            #expect(try cli.folder.read("target") == Array("target".utf8))
            #expect(cli.tokenCalls == 1)
        }
    }

    @Test("Tokens come from an auth service as well, without a store")
    func service() async throws {
        try await withCLI { cli in
            let ending = try await cli.servingOnSocket { service in
                let extra = try cli.environmentWithoutStore()
                let once = try await cli.larkimg(
                    "agent", "--once", "--write", "acme=acme", "--auth-service", service.url,
                    extra: extra.merging(["LARKIMG_STORE": ""]) { $1 })
                #expect(once.status == 0, "\(once.errors)")
                let token = try await cli.larkimg("token", "--tenant", "acme")
                #expect(try cli.folder.read("work/acme") == token.output)
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("A reader never sees an empty, torn or expired file, whatever renewals and killed agents do")
    func reader() async throws {
        try await withCLI { cli in
            // Shorter than --min-ttl, so that each look at the token renews it.
            cli.emulator.setBehaviour { $0.tokenLifetime = 200 }
            let arguments = ["--write", "acme=acme", "--format", "json"]
            #expect(try await cli.larkimg(["agent", "--once"] + arguments).status == 0)
            let stop = StopFlag()
            try await withThrowingTaskGroup(of: Set<String>.self) { group in
                group.addTask {
                    var seen: Set<String> = []
                    while !stop.isSet {
                        let now = Date().formatted(.iso8601)
                        let text = String(decoding: try cli.folder.read("work/acme"), as: UTF8.self)
                        let line = try JSON.object(text)
                        guard text.hasSuffix("}\n"), case .string(let token) = line["tenant_access_token"],
                            case .string(let expiresAt) = line["expires_at"]
                        else { throw TornFile(text: text) }
                        #expect(token.hasPrefix("t-") && now < expiresAt, "\(now): \(text)")
                        seen.insert(token)
                        await Task.yield()
                    }
                    return seen
                }
                group.addTask {
                    defer { stop.set() }
                    for round in 0..<(2 * TestLength.factor) {
                        let isKilled = round % 2 == 0
                        let start = try cli.folder.read("work/acme")
                        let ending = try await running(cli, arguments, signal: isKilled ? SIGKILL : SIGTERM) { pid in
                            // Until then a signal would end it.
                            try await eventually { try cli.folder.read("work/acme") != start }
                            for _ in 0..<10 {
                                let before = try cli.folder.read("work/acme")
                                try await eventually {
                                    kill(pid, SIGHUP)
                                    return try cli.folder.read("work/acme") != before
                                }
                            }
                            // The agent is in the middle of something when it ends.
                            kill(pid, SIGHUP)
                        }
                        #expect(ending.status == (isKilled ? 128 + SIGKILL : 0), "\(ending.errors)")
                    }
                    return []
                }
                let seen = try await group.reduce(into: Set<String>()) { $0.formUnion($1) }
                #expect(seen.count > 10)
            }
            #expect(try cli.folder.names(in: "work") == ["acme"], "no part of a file is left")
        }
    }

    private struct TornFile: Error {
        let text: String
    }

    @Test("A file whose token has expired without a new one is removed, and comes back with the next token")
    func spent() async throws {
        try await withCLI { cli in
            let file = cli.folder.appending("work/acme").string
            cli.emulator.setSecret("another", appID: CLIHarness.appID)
            // As an agent left it that was stopped three hours ago; no token lives that long.
            #expect(try await cli.shell("echo t-old >acme && touch -d '3 hours ago' acme").status == 0)
            let ending = try await running(cli, ["--write", "acme=acme"]) { pid in
                try await eventually { !Self.exists(file) }
                cli.emulator.setSecret(CLIHarness.secret, appID: CLIHarness.appID)
                #expect(try await cli.larkimg("tenant", "update", "acme").status == 0)
                try await eventually {
                    kill(pid, SIGHUP)
                    return Self.exists(file)
                }
            }
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(ending.errors.contains("the file was removed"), "\(ending.errors)")
            #expect(Self.exists(file), "the agent leaves its files")
        }
    }

    @Test("A store that was replaced ends the agent with 78; a tenant that is added later gets its file")
    func store() async throws {
        try await withCLI { cli in
            let file = cli.folder.appending("work/late").string
            let ending = try await running(cli, ["--write", "late=late"]) { pid in
                try await cli.addTenant("late")
                try await eventually {
                    kill(pid, SIGHUP)
                    return Self.exists(file)
                }
                let store = cli.folder.appending("home/store.sqlite").string
                let moved = try await cli.shell("larkimg store backup copy && mv copy \(store)")
                #expect(moved.status == 0, "\(moved.errors)")
                try await eventually {
                    kill(pid, SIGHUP)
                    return kill(pid, 0) != 0
                        || ((try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8))?.contains(") Z ")
                            ?? true)
                }
            }
            #expect(ending.status == 78, "\(ending.errors)")
            #expect(ending.errors.contains("was renamed or replaced"), "\(ending.errors)")
        }
    }

    @Test(
        "After a change all actions are done, without tokens and secrets; one that fails is reported, and that is all")
    func hooks() async throws {
        try await withCLI { cli in
            let script = """
                timeout 120 bash -c 'trap "echo got >signal; exit" USR1; echo $$ >pid.new; mv pid.new pid
                    while :; do read -rt 0.1 <> <(:); done' &
                until [ -s pid ]; do :; done
                larkimg agent --once --write acme=acme --write acme=again --on-change false --on-change 'no-such-program' \
                    --on-change "sh -c 'echo run >>runs; env >env; tr \\"\\\\0\\" \\" \\" </proc/\\$\\$/cmdline >words'" \
                    --on-change USR1:$PWD/pid --on-change USR2:$PWD/none
                status=$?
                wait
                exit $status
                """
            let extra = ["LARKIMG_APP_SECRET": "canary-in-environment"]
            let ending = try await cli.shell(script, extra: extra)
            #expect(ending.status == 0, "\(ending.errors)")
            let token = try cli.folder.read("work/acme")
            for words in ["it ended with status 1", "there is no such program", "none cannot be read"] {
                #expect(ending.errors.contains(words), "\(ending.errors)")
            }
            #expect(
                String(decoding: try cli.folder.read("work/runs"), as: UTF8.self) == "run\n", "one run for all files")
            #expect(String(decoding: try cli.folder.read("work/signal"), as: UTF8.self) == "got\n")
            for file in ["work/env", "work/words"] {
                let text = String(decoding: try cli.folder.read(file), as: UTF8.self)
                #expect(!text.isEmpty && !text.contains("canary"), "\(text)")
                #expect(!text.contains(String(decoding: token, as: UTF8.self).dropLast()), "\(text)")
            }
        }
    }

    @Test("An action follows each file that a running agent has written")
    func hooksOfDaemon() async throws {
        try await withCLI { cli in
            try cli.folder.write([], to: "work/log")
            let hook = "sh -c 'echo run >>log'"
            let ending = try await running(cli, ["--write", "acme=acme", "--on-change", hook]) { pid in
                try await eventually { try cli.folder.read("work/log").count == 4 }
                kill(pid, SIGHUP)
                try await eventually { try cli.folder.read("work/log").count == 8 }
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("systemd is told that the agent is ready when all files are written, and not before")
    func readiness() async throws {
        try await withCLI { cli in
            let script = """
                import os, select, signal, socket, subprocess
                listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                listener.bind("\\0" + os.environ["NAME"])
                agent = subprocess.Popen(
                    ["larkimg", "agent", "--write", "acme=acme", "--write", "late=late", "--on-change", "touch hook"],
                    env={**os.environ, "NOTIFY_SOCKET": "@" + os.environ["NAME"]})
                while not os.path.exists("acme"):
                    select.select([], [], [], 0.05)
                listener.setblocking(False)
                try:
                    print("early", listener.recv(100))
                except BlockingIOError:
                    pass
                listener.setblocking(True)
                words = "tenant add late --app-id \(CLIHarness.appID) --app-secret-file - --host \(cli.platform) --no-verify"
                subprocess.run(["larkimg"] + words.split(), input=b"\(CLIHarness.secret)", stdout=subprocess.DEVNULL)
                while not os.path.exists("late"):
                    agent.send_signal(signal.SIGHUP)
                    select.select([], [], [], 0.05)
                print(listener.recv(100).decode(), end="")
                agent.send_signal(signal.SIGTERM)
                print(listener.recv(100).decode(), end="")
                print(agent.wait())
                """
            try cli.folder.write(Array(script.utf8), to: "driver.py")
            let ending = try await cli.shell("python3 ../driver.py", extra: ["NAME": "larkimg-\(getpid())-\(cli.port)"])
            #expect(ending.text == "READY=1\nSTOPPING=1\n0\n", "\(ending.text) \(ending.errors)")
        }
    }
}
