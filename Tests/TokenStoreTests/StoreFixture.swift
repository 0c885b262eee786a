import Database
import FoundationEssentials
import LarkAPI
import Synchronization
import SystemPackage
import TestSupport

@testable import TokenStore

/// A store in a folder of its own, with one tenant, a clock, and an issuer of tokens that counts.
struct StoreFixture: Sendable {
    let folder: TemporaryFolder
    let location: StoreLocation
    let clock: TestClocks
    let issuer = TestIssuer()

    init(_ folder: TemporaryFolder, clock: TestClocks = TestClocks()) {
        self.folder = folder
        self.clock = clock
        location = StoreLocation(
            store: folder.appending("store.sqlite").string, key: folder.appending("key").string)
    }

    /// The app that tests register.
    static func app(_ id: String = "cli_a", secret: String = "canary-secret") throws -> AppCredentials {
        AppCredentials(appID: try AppID(id), appSecret: Secret(secret), host: .lark)
    }

    /// Opens the store, as a process of its own would.
    func open(_ mode: Store.OpenMode = .createIfMissing) async throws -> Store {
        try await Store.open(at: location, mode: mode, timing: clock.timing)
    }

    /// A provider with a flight of its own, as in a process of its own.
    func provider(_ store: Store, ticketPatience: Duration = .zero) -> StoredTokenProvider {
        StoredTokenProvider(
            store: store, timing: clock.timing, issuer: issuer.issuer(clock), ticketPatience: { ticketPatience })
    }

    /// A connection past the store's own code, for tests that look into the file or damage it.
    func raw() async throws -> any SQLDatabase {
        try await DatabaseFile(location.store, durability: .none).open()
    }
}

/// Runs a body with a store that knows the tenant `acme`.
func withStore(
    clock: TestClocks = TestClocks(), _ body: (StoreFixture, Store, TenantName) async throws -> Void
) async throws {
    try await withTemporaryFolder { folder in
        let fixture = StoreFixture(folder, clock: clock)
        let store = try await fixture.open()
        let acme = try TenantName("acme")
        try await store.addTenant(acme, app: StoreFixture.app())
        try await body(fixture, store, acme)
    }
}

/// Issues tokens `t-1`, `t-2`, … or fails, and counts; can hold the answer back.
final class TestIssuer: Sendable {
    fileprivate struct State {
        var appCalls = 0
        var ticketRequests = 0
        var goodTicket: Secret?
        var deadAppTokens: Set<TenantAccessToken> = []
        var life = 7200.0
        var fixedToken: String?
    }

    private let received = TestCalls()
    private let state = Mutex(State())

    var calls: Int { received.count }

    /// How many of the calls were for an app_access_token.
    var appCalls: Int { state.withLock { $0.appCalls } }

    /// How often a ticket was asked for.
    var ticketRequests: Int { state.withLock { $0.ticketRequests } }

    /// The only ticket that the platform takes from now on.
    func takeOnly(_ ticket: Secret) { state.withLock { $0.goodTicket = ticket } }

    /// Refuses an app_access_token from now on.
    func refuse(_ appToken: AppAccessToken) { state.withLock { _ = $0.deadAppTokens.insert(appToken) } }

    /// How long the tokens to come live, in seconds.
    func setLife(_ life: Double) { state.withLock { $0.life = life } }

    /// What the calls to come throw.
    func fail(_ error: LarkError?) { received.fail(error) }

    /// Hands out the same text from now on, as the platform does while half an hour remains.
    func repeatToken(_ text: String?) { state.withLock { $0.fixedToken = text } }

    /// Holds the next call until the function that is returned is called.
    func hold() -> @Sendable () -> Void { received.hold() }

    /// What a provider gets.
    func issuer(_ clock: TestClocks) -> TokenEndpoint {
        TokenEndpoint { request in
            try await self.issue(request, now: clock.now)
        } requestTicket: { _ in
            self.state.withLock { $0.ticketRequests += 1 }
            try self.received.failIfAsked()
        }
    }

    private func issue(_ request: TokenRequest, now: Date) async throws -> TenantAccessToken {
        let (life, fixed) = state.withLock { ($0.life, $0.fixedToken) }
        let number = await received.begin()
        try state.withLock { try $0.judge(request) }
        try received.failIfAsked()
        guard let token = TenantAccessToken(fixed ?? "t-\(number)", expiresAt: now.addingTimeInterval(life)) else {
            throw LarkError(.badResponse, "the test's token is no token", remedy: "")
        }
        return token
    }
}

extension TestIssuer.State {
    /// What the platform looks at before it issues a token to a store app.
    fileprivate mutating func judge(_ request: TokenRequest) throws {
        switch request {
        case .customTenant: break
        case .app(_, let ticket):
            appCalls += 1
            if let goodTicket, ticket != goodTicket {
                throw LarkError(.refused, "the app_ticket is not valid", remedy: "", platformCode: 10012)
            }
        case .storeTenant(_, let appToken, _):
            if deadAppTokens.contains(appToken) {
                throw LarkError(.tokenRejected, "the app token is dead", remedy: "", platformCode: 99_991_664)
            }
        }
    }
}

extension TenantAccessToken {
    /// The text, for comparisons.
    var text: String { secret.revealedText }
}

extension LarkError {
    /// A wrong secret as the platform says it.
    static let wrongSecret = LarkError(
        .refused, "the secret is wrong", remedy: "set it", httpStatus: 200, platformCode: 10014,
        platformMessage: "app secret invalid", logID: "20260101000000ABCDEF")
    /// No network.
    static let offline = LarkError(.unreachable, "no network", remedy: "wait", isRetryable: true)
}
