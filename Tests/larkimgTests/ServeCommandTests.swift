import FoundationEssentials
import Glibc
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("larkimg serve", .timeLimit(.minutes(10)))
struct ServeCommandTests {
    /// A way to start that is refused.
    struct Start: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let arguments: [String]
        let status: Int32
        let words: String
    }

    @Test(
        "What would be unsafe, or cannot be, is refused with what to do about it",
        arguments: [
            Start(
                testDescription: "TCP beyond this machine without TLS", arguments: ["--listen", "0.0.0.0:0"],
                status: 64,
                words: "--tls-cert"),
            Start(
                testDescription: "all addresses and no name for them",
                arguments: ["--listen", "0.0.0.0:0", "--tls-cert", "x", "--tls-key", "y"], status: 64,
                words: "--public-host"),
            Start(
                testDescription: "a name that cannot be resolved",
                arguments: ["--listen", "nosuch.invalid:0", "--tls-cert", "x", "--tls-key", "y"], status: 78,
                words: "cannot be used"),
            Start(testDescription: "no port", arguments: ["--listen", "127.0.0.1"], status: 64, words: "--listen"),
            Start(
                testDescription: "a certificate without its key",
                arguments: ["--listen", "127.0.0.1:0", "--tls-cert", "x"], status: 64, words: "go together"),
            Start(
                testDescription: "a certificate that is not there",
                arguments: ["--listen", "127.0.0.1:0", "--tls-cert", "x", "--tls-key", "y"], status: 78,
                words: "cannot be used"),
            Start(
                testDescription: "a folder that everybody can change",
                arguments: ["--socket", "/tmp/larkimg-test.sock"],
                status: 78, words: "other users can create a socket"),
            Start(
                testDescription: "a folder that is not there", arguments: ["--socket", "/nonexistent/a/b.sock"],
                status: 69, words: "does not exist"),
            Start(
                testDescription: "a path too long for a socket",
                arguments: ["--socket", "/tmp/" + String(repeating: "x", count: 120)], status: 78, words: "107 bytes"),
            Start(
                testDescription: "a relative path", arguments: ["--socket", "larkimg.sock"], status: 78,
                words: "absolute path"),
            Start(
                testDescription: "a port that is taken", arguments: ["--listen", "127.0.0.1:PORT"], status: 69,
                words: "cannot listen on"),
            Start(
                testDescription: "a file in the socket's place", arguments: ["--socket", "FOLDER/file"], status: 78,
                words: "is not a socket"),
            Start(
                testDescription: "a link in the socket's place", arguments: ["--socket", "FOLDER/link"], status: 78,
                words: "is not a socket"),
            Start(
                testDescription: "an audit log that is a FIFO without a reader",
                arguments: ["--socket", "FOLDER/run/x.sock", "--audit-log", "FOLDER/fifo"], status: 73,
                words: "the audit log cannot be opened"),
            Start(
                testDescription: "a store that is not there",
                arguments: ["--listen", "127.0.0.1:0", "--store", "/nonexistent/s"], status: 78, words: "no store"),
        ])
    func refusedStarts(_ start: Start) async throws {
        try await withCLI { cli in
            try cli.folder.write([], to: "file")
            try FileManager.default.createSymbolicLink(
                atPath: cli.folder.appending("link").string, withDestinationPath: "/nonexistent")
            try #require(mkfifo(cli.folder.appending("fifo").string, 0o600) == 0)
            let words = start.arguments.map {
                $0.replacing("PORT", with: "\(cli.port)").replacing("FOLDER", with: cli.folder.path.string)
            }
            let ending = try await cli.larkimg(["serve"] + words)
            #expect(ending.status == start.status, "\(ending.errors)")
            #expect(ending.errors.contains(start.words), "\(ending.errors)")
        }
    }

    @Test("Events of an app that has no keys to authenticate them are refused, unless that was asked for")
    func unsafeEvents() async throws {
        try await withCLI { cli in
            _ = try await cli.larkimg(
                "app", "add", "bare", "--app-id", "cli_bare", "--app-secret-file", "-", "--host", cli.platform,
                "--no-verify", input: "s")
            @Sendable func status(_ body: String, port: Int) async throws -> Int? {
                var request = RawRequest(target: "/events/bare", host: "127.0.0.1:\(port)", body: Array(body.utf8))
                request.isLast = true
                return try await RawConnection.exchange(request.bytes, with: .port(port)).responses.first?.status
            }
            let challenge = #"{"challenge":"word","token":"","type":"url_verification"}"#
            let careful = try await cli.servingOnPort { _, port in
                let refused = try await status(challenge, port: port)
                #expect(refused == 400)
            }
            #expect(careful.status == 0, "\(careful.errors)")
            #expect(careful.errors.contains("events of a store app are refused"), "\(careful.errors)")
            let trusting = try await cli.servingOnPort("--allow-unsigned-events") { _, port in
                let accepted = try await status(challenge, port: port)
                #expect(accepted == 200)
            }
            #expect(trusting.status == 0, "\(trusting.errors)")
            #expect(!trusting.errors.contains("are refused"), "\(trusting.errors)")
        }
    }

    @Test("Over the socket fetch, token and exec need neither store nor key, and SIGTERM ends it well")
    func socket() async throws {
        try await withCLI { cli in
            let image = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png(bytes: 5000))
            let ending = try await cli.servingOnSocket { service in
                #expect(Self.mode(cli.socket) == 0o660)
                #expect(Self.mode(cli.folder.appending("run").string) == 0o750)
                let environmentWithoutStore = try cli.environmentWithoutStore()
                    .merging(["LARKIMG_AUTH_SERVICE": service.url]) { $1 }
                let token = try await cli.larkimg("token", "--tenant", "acme", extra: environmentWithoutStore)
                #expect(token.text.hasPrefix("t-"), "\(token.errors)")
                let own = try await cli.larkimg("token", "--tenant", "acme")
                #expect(own.text == token.text)
                let fetched = try await cli.larkimg("fetch", "--tenant", "acme", image, extra: environmentWithoutStore)
                #expect(fetched.lines == ["\(image).png"], "\(fetched.errors)")
                let list = try cli.folder.write(Array("acme\t\(image)\tcopy\n".utf8), to: "list").string
                let many = try await cli.larkimg("fetch", "-i", list, "-q", extra: environmentWithoutStore)
                #expect(many.lines == ["copy"], "\(many.errors)")
                let run = try await cli.larkimg(
                    "exec", "--tenant", "acme", "--", "/bin/sh", "-c", "echo $LARK_HOST $LARKSUITE_CLI_APP_ID",
                    extra: environmentWithoutStore)
                #expect(run.text == "\(cli.platform) \(CLIHarness.appID)\n", "\(run.errors)")
                let rejected = try await cli.larkimg(
                    "token", "--tenant", "acme", "--reject", "-", input: token.text, extra: environmentWithoutStore)
                #expect(rejected.status == 0, "\(rejected.errors)")
                let unknown = try await cli.larkimg(
                    "token", "--tenant", "nobody", "--json", extra: environmentWithoutStore)
                #expect(unknown.status == 78)
                #expect(unknown.errors.contains(#""type":"unknown_tenant""#), "\(unknown.errors)")
                let refresh = try await cli.larkimg(
                    "token", "--tenant", "acme", "--refresh", extra: environmentWithoutStore)
                #expect(refresh.status == 64)
                let both = try await cli.larkimg(
                    "token", "--tenant", "acme", "--store", "x", "--auth-service", service.url)
                #expect(both.status == 64)
            }
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(ending.errors.hasPrefix("larkimg: serving 1 tenant on \(cli.socket) to root, uid "))
            #expect(access(cli.socket, F_OK) != 0)
            #expect(ending.errors.contains(#""audit":"token""#))
        }
    }

    private static func mode(_ path: String) -> UInt32 {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test("Over TCP a client gets its own tenants, and says what is wrong otherwise")
    func clients() async throws {
        try await withCLI { cli in
            try await cli.addTenant("globex")
            let secret = try await cli.addClient("reports", tenants: "acme")
            let ending = try await cli.servingOnPort { service, _ in
                func status(_ tenant: String, secret: String?) async throws -> Int32 {
                    let ending = try await cli.larkimg(
                        "token", "--tenant", tenant, "--auth-service", service.url,
                        extra: cli.environmentWithoutStore(secret: secret)
                    )
                    #expect(ending.status == 0 || ending.errors.contains("\n  "), "a remedy: \(ending.errors)")
                    return ending.status
                }
                #expect(try await status("acme", secret: secret) == 0)
                #expect(try await status("globex", secret: secret) == 78)
                #expect(try await status("acme", secret: "lkc_wrong") == 77)
                #expect(try await status("acme", secret: nil) == 64)
                let list = try await cli.larkimg("client", "list")
                #expect(list.text.contains("reports") && !list.text.contains(secret))
                _ = try await cli.larkimg("client", "remove", "reports")
                try await eventually { try await status("acme", secret: secret) == 77 }
            }
            #expect(ending.status == 0)
            #expect(!ending.errors.contains(secret))
        }
    }

    @Test("A ticket that the platform pushes comes to the service, and a command beside it waits for it")
    func tickets() async throws {
        try await withShop { cli in
            let ending = try await cli.servingOnPort { service, port in
                let waiting = Task { try await cli.larkimg("token", "--tenant", "globex") }
                cli.emulator.setEventsURL("\(service.url)/events/shop")
                let token = try await waiting.value
                #expect(token.status == 0, "\(token.errors)")
                #expect(token.text.hasPrefix("t-"))
                let shown = try await cli.larkimg("app", "show", "shop", "--json")
                #expect(shown.text.contains("ticket_made_at"))
            }
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(ending.errors.contains("events of shop"))
            #expect(cli.emulator.pushes.allSatisfy { $0.deliveries.allSatisfy { $0.status == 200 } })
        }
    }

    @Test("A second service says that one is running and leaves it unharmed; a killed one leaves nothing in the way")
    func twoServices() async throws {
        try await withCLI { cli in
            let first = try await cli.servingOnSocket(signal: SIGKILL) { service in
                let second = try await cli.larkimg("serve", "--socket", cli.socket)
                #expect(second.status == 78)
                #expect(second.errors.contains("is running on"))
                let token = try await cli.larkimg("token", "--tenant", "acme", "--auth-service", service.url)
                #expect(token.status == 0)
            }
            #expect(first.status == 137)
            #expect(access(cli.socket, F_OK) == 0)
            let next = try await cli.servingOnSocket { service in
                let token = try await cli.larkimg("token", "--tenant", "acme", "--auth-service", service.url)
                #expect(token.status == 0, "\(token.errors)")
            }
            #expect(next.status == 0, "\(next.errors)")
            #expect(cli.tokenCalls == 1)
        }
    }

    @Test("No secret, ticket or token is in what the service writes, shows, or was started with")
    func canaries() async throws {
        try await withShop { cli in
            let secret = try await cli.addClient("reports", tenants: "acme,globex")
            let ending = try await cli.servingOnPort("--log-format", "json") { service, port in
                cli.emulator.setEventsURL("\(service.url)/events/shop")
                let environmentWithoutStore = try cli.environmentWithoutStore(secret: secret)
                var tokens: [String] = []
                for tenant in ["acme", "globex", "nobody"] {
                    let words = ["token", "--tenant", tenant, "--auth-service", service.url]
                    tokens += try await cli.larkimg(words, extra: environmentWithoutStore).lines
                }
                #expect(tokens.count == 2)
                let ticket = try #require(cli.emulator.appTicket(appID: CLIHarness.shop))
                let canaries =
                    tokens + [
                        ticket, secret, CLIHarness.secret, "canary-shop-secret", CLIHarness.encryptKey,
                        CLIHarness.verificationToken,
                    ]
                try cli.folder.write(Array(canaries.joined(separator: "\n").utf8), to: "canaries")
                let shown = try await cli.shell(
                    """
                    for path in / /metrics /v1/tenants /v1/tenants/acme /openapi.json; do
                        curl -s -H "Authorization: Bearer \(secret)" http://127.0.0.1:\(port)$path
                    done
                    cat /proc/\(service.pid)/cmdline /proc/\(service.pid)/environ
                    """)
                #expect(shown.text.contains("acme") && shown.text.contains("larkimg_tokens_total"))
                for canary in canaries { #expect(!shown.text.contains(canary)) }
            }
            #expect(ending.status == 0)
            for canary in String(decoding: try cli.folder.read("canaries"), as: UTF8.self).split(separator: "\n") {
                #expect(!ending.errors.contains(canary))
            }
        }
    }

    @Test("A port file that is a link is replaced, and what it leads to stays as it is")
    func portFileLink() async throws {
        try await withCLI { cli in
            try cli.folder.write(Array("precious".utf8), to: "target")
            try FileManager.default.createSymbolicLink(
                atPath: cli.folder.appending("work/port").string, withDestinationPath: "../target")
            let ending = try await cli.shell("exec larkimg serve --listen 127.0.0.1:0 --port-file port") { pid in
                defer { kill(pid, SIGTERM) }
                try await eventually { try cli.folder.read("work/port") != Array("precious".utf8) }
            }
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(try cli.folder.read("target") == Array("precious".utf8))
        }
    }
}
