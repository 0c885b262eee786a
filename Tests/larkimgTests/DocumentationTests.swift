import AuthServiceClient
import FoundationEssentials
import ImageFetch
import LarkAPI
import LarkEmulator
import SystemPackage
import TestSupport
import Testing
import TokenStore

/// The snippets of the README and of the documentation, compiled and run.
@Suite("The documentation", .timeLimit(.minutes(10)))
struct DocumentationTests {
    private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: package.appending(path: path), encoding: .utf8)
    }

    /// The Swift code blocks of a Markdown file, without blank lines around them.
    private static func snippets(_ path: String) throws -> [String] {
        try text(path).split(separator: "```swift\n").dropFirst()
            .compactMap { $0.split(separator: "```").first.map { String($0).trimmed } }
    }

    @Test(
        "Every snippet is in this file, word for word",
        arguments: [
            "README.md", "Sources/larkimg/larkimg.docc/Library.md", "Sources/LarkAPI/LarkAPI.docc/LarkAPI.md",
            "Sources/TokenStore/TokenStore.docc/TokenStore.md", "Sources/ImageFetch/ImageFetch.docc/ImageFetch.md",
            "Sources/AuthServiceClient/AuthServiceClient.docc/AuthServiceClient.md",
        ])
    func snippets(_ path: String) throws {
        let source = try Self.text("Tests/larkimgTests/DocumentationTests.swift")
        let snippets = try Self.snippets(path)
        #expect(!snippets.isEmpty)
        for snippet in snippets {
            // Imports and code are apart here.
            let code = snippet.split(separator: "\n", omittingEmptySubsequences: false)
                .drop { $0.hasPrefix("import ") }.joined(separator: "\n").trimmed
            #expect(source.contains(code), "\(path):\n\(snippet)")
        }
    }

    @Test("Links of the README lead to files", arguments: ["README.md", "README.zh-CN.md"])
    func links(_ path: String) throws {
        let links = try Self.text(path).matches(of: /\]\(([^)#:]+)\)/).map { String($0.output.1) }
        #expect(links.count > 8)
        for link in links {
            #expect(FileManager.default.fileExists(atPath: Self.package.appending(path: link).path), "\(link)")
        }
    }

    /// Every command and group of commands.
    static let commands = [
        [], ["tenant"], ["tenant", "add"], ["tenant", "list"], ["tenant", "show"], ["tenant", "update"],
        ["tenant", "remove"], ["tenant", "import"], ["app"], ["app", "add"], ["app", "list"], ["app", "show"],
        ["app", "update"],
        ["app", "remove"], ["app", "ticket"], ["app", "ticket", "set"], ["fetch"], ["keys"], ["token"], ["exec"],
        ["agent"],
        ["serve"], ["client"], ["client", "add"], ["client", "list"], ["client", "update"],
        ["client", "rotate"], ["client", "remove"], ["status"], ["doctor"], ["store"], ["store", "path"],
        ["store", "check"], ["store", "backup"], ["store", "copy"], ["store", "rotate-key"],
    ]

    /// The example in the help of a command, as a user pastes it.
    private static func example(of command: [String], _ cli: CLIHarness) async throws -> String {
        let help = try await cli.larkimg(command + ["--help"]).text
        let rest = try #require(help.split(separator: "EXAMPLE\n", maxSplits: 1).dropFirst().first, "\(command)")
        return String(rest.prefix(upTo: rest.firstRange(of: "\n\n")?.lowerBound ?? rest.endIndex))
    }

    @Test("Examples in the help of every command can be pasted: no line wraps, and every call is understood")
    func examples() async throws {
        try await withCLI { cli in
            for command in Self.commands {
                let example = try await Self.example(of: command, cli)
                for line in example.split(separator: "\n") { #expect(line.hasPrefix("  "), "\(command): \(line)") }
                // On a machine without store, terminal and certificates, so that nothing is sent.
                let ending = try await cli.shell(
                    """
                    set -u
                    export LARKIMG_STORE=$PWD/none/store LARKIMG_KEY_FILE=$PWD/none/key SSL_CERT_FILE=/nonexistent
                    rm -rf none
                    for name in secret new-secret verification encrypt ticket; do printf text >$name.txt; done
                    touch keys.txt cert.pem key.pem
                    TICKET=ticket REJECTED=token
                    for name in curl jq pass file python3; do eval "$name() { cat >/dev/null; }"; done
                    larkimg() { setsid -w larkimg "$@" </dev/null; echo called >>calls; }
                    \(example)
                    wc -l <calls
                    rm calls
                    """)
                #expect(!ending.errors.contains("--help"), "\(command): \(ending.errors)")
                #expect(!ending.errors.contains("bash: "), "\(command): \(ending.errors)")
                let calls = example.matches(of: /larkimg [a-z]/).count
                #expect(Int(ending.lines.last ?? "") == calls, "\(command): \(ending.text)")
            }
        }
    }

    @Test("No example puts a token into a program's arguments, or hides that larkimg failed")
    func safeExamples() async throws {
        try await withCLI { cli in
            var texts: [(name: String, text: String)] = []
            for command in Self.commands {
                texts.append(("\(command)", try await cli.larkimg(command + ["--help"]).text))
            }
            let guides = "Sources/larkimg/larkimg.docc"
            let names = try FileManager.default.contentsOfDirectory(
                atPath: Self.package.appending(path: guides).path)
            let paths = names.filter { $0.hasSuffix(".md") }.map { "\(guides)/\($0)" }
            for path in ["README.md", "README.zh-CN.md"] + paths {
                texts.append((path, try Self.text(path)))
            }
            for (name, text) in texts {
                #expect(text.firstMatch(of: /-H ["']?(\$\(|Authorization)/) == nil, "\(name)")
                #expect(text.firstMatch(of: /eval "?\$\(/) == nil, "\(name)")
                #expect(text.firstMatch(of: /[^.a-z]folder/) == nil, "\(name)")
            }
        }
    }

    @Test("larkimg and lark-emulator have the same version")
    func versions() throws {
        let source = try Self.text("Sources/lark-emulator/LarkEmulatorCommand.swift")
        #expect(source.contains("version: \"\(Version.current)\""))
    }

    @Test("The snippets do what the guide says")
    func library() async throws {
        try await withCLI { cli in
            let location = StoreLocation(
                store: cli.folder.appending("home/store.sqlite").string, key: cli.folder.appending("home/key").string)
            let host = try LarkHost(cli.platform)
            let acme = try TenantName("acme")
            let direct = try await requestToken(
                appID: CLIHarness.appID, appSecret: Secret(CLIHarness.secret), host: host)
            let cached = try await cachedToken(of: "acme", in: location)
            #expect(direct.secret == cached.secret)
            let own = EnvironmentTokens(variables: ["LARK_TENANT_ACCESS_TOKEN": "t-own"])
            #expect(try await own.token(for: acme, goodFor: .zero).secret.revealedText == "t-own")

            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            let file = cli.folder.appending("work/one.png").string
            try await download(key, of: acme, in: location, to: file)
            #expect(try Data(contentsOf: URL(filePath: file)) == Data(SampleImages.png))
            let failures = try await downloadAll(["img_unknown"], of: acme, in: location)
            #expect(failures.count == 1 && failures[0].hasPrefix("img_unknown: the platform has no such image"))

            let ending = try await cli.servingOnSocket("--audit-log", "audit") { service in
                let served = try await servedToken(of: "acme", at: service.url, secret: nil)
                #expect(served.secret == cached.secret)
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }
}

// MARK: README.md

func fetchLogo() async throws {
    let location = try StoreLocation(store: nil, environment: ProcessInfo.processInfo.environment)
    let store = try await Store.open(at: location)
    let acme = try TenantName("acme")
    let host = try await store.tenant(acme).host
    try await LarkClient.withClient { client in
        let downloader = ImageDownloader(
            client: client, host: host, tenant: acme,
            tokens: StoredTokenProvider(store: store, endpoint: TokenEndpoint(client)),
            quota: PacedRateLimiter(store: store))
        _ = try await downloader.download(ImageReference("img_v3_…"), to: .file("logo.png"))
    }
}

// MARK: Library.md

func requestToken(appID: String, appSecret: Secret, host: LarkHost) async throws -> TenantAccessToken {
    try await LarkClient.withClient { client in
        try await client.tenantAccessToken(appID: AppID(appID), appSecret: appSecret, host: host)
    }
}

func cachedToken(of tenant: String, in location: StoreLocation) async throws -> TenantAccessToken {
    let store = try await Store.open(at: location)
    return try await LarkClient.withClient { client in
        let tokens = StoredTokenProvider(store: store, endpoint: TokenEndpoint(client))
        return try await tokens.token(for: TenantName(tenant), goodFor: .seconds(300))
    }
}

func download(_ key: String, of tenant: TenantName, in location: StoreLocation, to file: String) async throws {
    let store = try await Store.open(at: location)
    let host = try await store.tenant(tenant).host
    try await LarkClient.withClient { client in
        let downloader = ImageDownloader(
            client: client, host: host, tenant: tenant,
            tokens: StoredTokenProvider(store: store, endpoint: TokenEndpoint(client)),
            quota: PacedRateLimiter(store: store))
        _ = try await downloader.download(ImageReference(key), to: .file(file))
    }
}

struct EnvironmentTokens: TenantTokenProvider {
    struct NoToken: Error {}

    let variables: [String: String]

    func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
        let text = variables["LARK_TENANT_ACCESS_TOKEN"] ?? ""
        guard let token = TenantAccessToken(text, expiresAt: Date(timeIntervalSinceNow: 300)) else {
            throw NoToken()
        }
        return token
    }

    func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws -> RejectionResult { .accepted }
}

func downloadAll(_ keys: [String], of tenant: TenantName, in location: StoreLocation) async throws -> [String] {
    let store = try await Store.open(at: location)
    let items = try keys.map { FetchItem(tenant: tenant, reference: try ImageReference($0)) }
    var connections = LarkClient.Connections()
    connections.perHost = BulkOptions().jobs
    var failures: [String] = []
    try await LarkClient.withClient(connections: connections) { client in
        let tokens = StoredTokenProvider(store: store, endpoint: TokenEndpoint(client))
        let bulk = BulkDownload(
            client: client, tokens: CachingTokenProvider(tokens), quota: PacedRateLimiter(store: store),
            options: BulkOptions()
        ) { try await store.tenant($0).host }
        _ = try await bulk.run(.items(items)) { event in
            if case .failed(let item, let failure) = event {
                failures.append("\(item.reference): \(failure.error)")
            }
        }
    }
    return failures
}

// MARK: AuthServiceClient.md

func servedToken(of tenant: String, at address: String, secret: Secret?) async throws -> TenantAccessToken {
    try await LarkClient.withClient { client in
        let service = ServiceClient(try ServiceAddress(address), secret: secret, client: client)
        let tokens = CachingTokenProvider(service: service)
        return try await tokens.token(for: TenantName(tenant), goodFor: .seconds(300))
    }
}

extension String {
    fileprivate var trimmed: String {
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
