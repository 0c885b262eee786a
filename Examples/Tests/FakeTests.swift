import FoundationEssentials
import ImageFetch
import LarkAPI
import Synchronization
import Testing
import TokenStore

@testable import Examples

/// How a program that uses the libraries is tested: with fakes of the source of tokens and of the platform, without a
/// network, and with a clock that does not move.
@Suite("A program with fakes")
struct FakeTests {
    private static let now = Date(timeIntervalSince1970: 1_767_225_600)

    private let acme: TenantName
    private let clocks = Clocks(now: { now }, sleep: Clocks.system.sleep, random: { 0.5 })
    private let requests = Counter()

    init() throws { acme = try TenantName("acme") }

    /// Counts the requests that a fake receives.
    private final class Counter: Sendable {
        private let value = Mutex(0)

        var count: Int { value.withLock { $0 } }

        func next() -> Int {
            value.withLock { value in
                value += 1
                return value
            }
        }
    }

    /// A source of tokens that has none.
    private struct NoTokens: TenantTokenProvider {
        func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
            throw CocoaError(.fileNoSuchFile)
        }

        func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws -> RejectionResult { .accepted }
    }

    @Test("Without a token nothing is sent, and each image says what is missing")
    func noToken() async throws {
        try await withDirectory { directory in
            let download = ListDownload(tokens: NoTokens(), tenant: acme, host: .lark, directory: directory)
            var lines: [String] = []
            let progress = try await download.run(["# new", "img_a", "img_b"]) { lines.append($0) }
            #expect(progress.failed == 2 && progress.downloaded == 0)
            #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("img_") }, "\(lines)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        }
    }

    @Test("A source that returns nonsense is an error, and is asked again")
    func nonsense() async throws {
        let tokens = RequestedTokens(clocks: clocks) { _ in ("not a token \(requests.next())", .seconds(7200)) }
        for number in 1...2 {
            await #expect(throws: RequestedTokens.UnusableToken.self) {
                try await tokens.token(for: acme, goodFor: .zero)
            }
            #expect(requests.count == number)
        }
    }

    @Test("A hundred callers of a store cost one token")
    func store() async throws {
        try await withDirectory { directory in
            let location = StoreLocation(store: "\(directory)/store.sqlite", key: "\(directory)/key")
            let store = try await Store.open(at: location, mode: .createIfMissing, timing: clocks)
            try await store.addTenant(
                acme, app: AppCredentials(appID: AppID("cli_a"), appSecret: Secret("s"), host: .lark))
            let platform = TokenEndpoint { _ in
                let token = TenantAccessToken("t-\(requests.next())", expiresAt: Self.now.addingTimeInterval(7200))
                return try #require(token)
            } requestTicket: { _ in
            }
            let tokens = StoredTokenProvider(store: store, clocks: clocks, endpoint: platform)
            let texts = try await withThrowingTaskGroup { group in
                for _ in 1...100 {
                    group.addTask { try await tokens.token(for: acme, goodFor: .seconds(60)).secret.revealedText }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(texts == ["t-1"])
            #expect(requests.count == 1)
        }
    }

    /// Runs a body with an empty directory, which is removed afterwards.
    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "example-\(UUID())")
        // A store is not opened in a directory that others can change.
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory.path)
    }
}
