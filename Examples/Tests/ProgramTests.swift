import FoundationEssentials
import Hummingbird
import HummingbirdTesting
import ImageFetch
import LarkAPI
import LarkEmulator
import SystemPackage
import TestSupport
import Testing
import TokenStore

@testable import Examples

/// Runs the examples against a local platform.
@Suite("The examples", .timeLimit(.minutes(5)))
struct ProgramTests {
    private static let appID = "cli_examples"

    private let acme: TenantName

    init() throws { acme = try TenantName("acme") }

    /// Runs a body with a platform that has one app and one image of it.
    private func withPlatform(
        _ body: (_ host: LarkHost, _ key: String, LarkClient, TemporaryFolder) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try await withEmulator(EmulatorConfiguration(apps: [.custom(Self.appID, secret: "s")])) { emulator, port in
                let key = emulator.seedImage(appID: Self.appID, bytes: SampleImages.png)
                let host = try LarkHost("http://127.0.0.1:\(port)")
                try await LarkClient.withClient(limits: .patient) { try await body(host, key, $0, folder) }
            }
        }
    }

    @Test("The server passes an image on, and says what is wrong with a request by its status")
    func server() async throws {
        try await withPlatform { host, key, client, folder in
            let location = StoreLocation(
                store: folder.appending("store.sqlite").string, key: folder.appending("key").string)
            let store = try await Store.open(at: location, mode: .createIfMissing)
            try await store.addTenant(
                acme, app: AppCredentials(appID: AppID(Self.appID), appSecret: Secret("s"), host: host))
            let server = ImageServer(
                client: client, tokens: StoredTokenProvider(store: store, endpoint: TokenEndpoint(client)),
                quota: UnlimitedRateLimiter()
            ) { try await store.tenant($0).host }
            try await Application(router: server.router())
                .test(.router) { client in
                    for (path, status) in [
                        ("/acme/img_unknown", HTTPResponse.Status.notFound), ("/other/\(key)", .notFound),
                        ("/acme/a.b", .badRequest),
                    ] {
                        let response = try await client.execute(uri: path, method: .get)
                        #expect(response.status == status, "\(path)")
                    }
                    let image = try await client.execute(uri: "/acme/\(key)", method: .get)
                    #expect(image.status == .ok)
                    #expect(image.headers[.contentType] == "image/png")
                    #expect(Array(image.body.readableBytesView) == SampleImages.png)
                }
        }
    }

    @Test("A list is downloaded with tokens of another source, and what is there already is kept")
    func list() async throws {
        try await withPlatform { host, key, client, folder in
            let appID = try AppID(Self.appID)
            let tokens = RequestedTokens { _ in
                let token = try await client.tenantAccessToken(appID: appID, appSecret: Secret("s"), host: host)
                return (token.secret.revealedText, .seconds(600))
            }
            let download = ListDownload(tokens: tokens, tenant: acme, host: host, directory: folder.path.string)
            var lines: [String] = []
            let first = try await download.run(["img_unknown", key]) { lines.append($0) }
            #expect(first.downloaded == 1 && first.failed == 1)
            #expect(lines.count == 2 && lines.contains { $0.hasPrefix("img_unknown: the platform has no such") })
            #expect(try folder.read("\(key).png") == SampleImages.png)
            let second = try await download.run([key]) { lines.append($0) }
            #expect(second.existing == 1 && second.downloaded == 0)
        }
    }

    @Test("The source of tokens does what every provider must do")
    func contract() async throws {
        let clock = TestClocks()
        let calls = TestCalls()
        let tokens = RequestedTokens(clocks: clock.timing) { _ in ("t-\(await calls.begin())", .seconds(7200)) }
        let source = TokenProviderContract.Source(calls: { calls.count }, hold: { calls.hold() })
        try await TokenProviderContract(tokens, tenant: acme, source: source, clock: clock).holds(unknown: nil)
    }
}
