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

    @Test("Links of the README lead to files")
    func links() throws {
        let links = try Self.text("README.md").matches(of: /\]\(([^)#:]+)\)/).map { String($0.output.1) }
        #expect(links.count > 8)
        for link in links {
            #expect(FileManager.default.fileExists(atPath: Self.package.appending(path: link).path), "\(link)")
        }
    }

    @Test("Examples in the help of every command can be pasted: no line wraps")
    func examples() async throws {
        try await withCLI { cli in
            let commands = [
                [], ["tenant"], ["tenant", "add"], ["tenant", "list"], ["tenant", "show"], ["tenant", "update"],
                ["tenant", "remove"], ["app"], ["app", "add"], ["app", "list"], ["app", "show"], ["app", "update"],
                ["app", "remove"], ["app", "ticket"], ["app", "ticket", "set"], ["fetch"], ["token"], ["exec"],
                ["serve"], ["client"], ["client", "add"], ["client", "list"], ["client", "update"],
                ["client", "rotate"], ["client", "remove"], ["status"], ["doctor"], ["store"], ["store", "path"],
                ["store", "check"], ["store", "backup"],
            ]
            for command in commands {
                let help = try await cli.larkimg(command + ["--help"]).text
                let example = try #require(help.split(separator: "EXAMPLE\n").last, "\(command)")
                for line in example.prefix(upTo: example.firstRange(of: "\n\n")?.lowerBound ?? example.endIndex)
                    .split(separator: "\n")
                {
                    #expect(line.hasPrefix("  "), "\(command): \(line)")
                }
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

extension String {
    fileprivate var trimmed: String {
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
