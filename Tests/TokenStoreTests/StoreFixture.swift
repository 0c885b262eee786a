import Database
import FoundationEssentials
import LarkAPI
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

/// A store in a directory of its own, a clock, and a platform that issues tokens and counts requests.
struct StoreFixture: Sendable {
    let folder: TemporaryFolder
    let location: StoreLocation
    let clock: TestClocks
    let platform = TestPlatform()

    /// Whether the stores of this run are on a database server. Tests of the store's file are left out then.
    static let isOnServer = ProcessInfo.processInfo.environment["LARKIMG_TEST_STORE"] == "postgresql"

    /// - Parameter server: a database on a server; nil for a file.
    init(_ folder: TemporaryFolder, server: PostgreSQLAddress? = nil, clock: TestClocks = TestClocks()) {
        self.folder = folder
        self.clock = clock
        let key = folder.appending("key")
        location =
            server.map { StoreLocation(server: $0, key: key) }
            ?? StoreLocation(store: folder.appending("store.sqlite").string, key: key.string)
    }

    /// The credentials that tests register.
    static func app(_ id: String = "cli_a", secret: String = "canary-secret") throws -> AppCredentials {
        AppCredentials(appID: try AppID(id), appSecret: Secret(secret), host: .lark)
    }

    /// Opens the store, as a process of its own would.
    func open(_ mode: Store.OpenMode = .createIfMissing) async throws -> Store {
        try await Store.open(at: location, mode: mode, timing: clock.timing)
    }

    /// A provider with renewals of its own, as in a process of its own.
    ///
    /// - Parameter clock: the provider's own, where the waits of other providers must not move it.
    func provider(
        _ store: Store, clock: TestClocks? = nil, ticketTimeout: Duration = .zero
    ) -> StoredTokenProvider {
        let clock = clock ?? self.clock
        return StoredTokenProvider(
            store: store, clocks: clock.timing, endpoint: platform.endpoint(clock), ticketTimeout: { ticketTimeout })
    }

    /// A connection that bypasses the store's code, for tests that look into the file or damage it.
    func raw() async throws -> any SQLDatabase {
        if let server = location.server { return try await server.open() }
        return try await DatabaseFile(location.store, durability: .none).open()
    }
}

extension Trait where Self == ConditionTrait {
    /// For tests that look at the store's file, its lock files or SQLite's own SQL, or that set the clock of the quotas.
    static var inFile: ConditionTrait { .enabled(if: !StoreFixture.isOnServer, "a store in a file") }
}

/// Runs a body with a store that knows the tenant `acme`.
func withStore(
    clock: TestClocks = TestClocks(), _ body: (StoreFixture, Store, TenantName) async throws -> Void
) async throws {
    try await withStoreFixture(clock: clock) { fixture in
        let store = try await fixture.open()
        let acme = try TenantName("acme")
        try await store.addTenant(acme, app: StoreFixture.app())
        try await body(fixture, store, acme)
    }
}

/// Runs a body with a store that has the app `shop`, a ticket, and so many tenants of it.
func withShop(
    tenants count: Int = 1, ticket: Bool = true, clock: TestClocks = TestClocks(),
    _ body: (StoreFixture, Store, AppName, [TenantName]) async throws -> Void
) async throws {
    try await withStoreFixture(clock: clock) { fixture in
        let store = try await fixture.open()
        let shop = try AppName("shop")
        try await store.addApp(
            shop, StoreFixture.app("cli_s"),
            settings: EventSettings(verificationToken: Secret("canary-vt"), encryptKey: Secret("canary-ek")))
        var tenants: [TenantName] = []
        for number in 0..<count {
            tenants.append(try TenantName("t\(number)"))
            try await store.addTenant(tenants[number], app: shop, tenantKey: TenantKey("key\(number)"))
        }
        if ticket { try await store.setTicket(Secret("ticket-1"), of: shop) }
        try await body(fixture, store, shop, tenants)
    }
}

private func withStoreFixture(clock: TestClocks, _ body: (StoreFixture) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        try await withTestServer { server in
            try await body(StoreFixture(folder, server: server, clock: clock))
        }
    }
}

#if PostgreSQL
private let databaseCount = Mutex(0)

/// Runs a body with an empty database on a server, if the stores of this run are on one.
func withTestServer(_ body: (PostgreSQLAddress?) async throws -> Void) async throws {
    guard StoreFixture.isOnServer else { return try await body(nil) }
    let server = try await PostgreSQLServer.shared
    let number = databaseCount.withLock { count in
        count += 1
        return count
    }
    try await server.psql("CREATE DATABASE s\(number)")
    var address = try PostgreSQLAddress(
        "postgres://larkimg@/s\(number)?host=\(server.directory)&port=\(PostgreSQLServer.Route.bouncer.rawValue)")
    address.connectionLimit = 2
    // All tests share one server, which may be slow then.
    address.busyTimeout = .seconds(60)
    try await body(address)
    try await server.psql("DROP DATABASE s\(number) WITH (FORCE)")
}
#else
func withTestServer(_ body: (PostgreSQLAddress?) async throws -> Void) async throws { try await body(nil) }
#endif

/// Issues tokens `t-1`, `t-2`, … or fails, and counts the requests. It can hold a response back.
final class TestPlatform: Sendable {
    fileprivate struct State {
        var appCalls = 0
        var ticketRequests = 0
        var goodTicket: Secret?
        var rejectedAppTokens: Set<TenantAccessToken> = []
        var lifetime = 7200.0
        var fixedToken: String?
    }

    private let received = TestCalls()
    private let state = Mutex(State())

    var calls: Int { received.count }

    /// How many of the calls were for an app_access_token.
    var appCalls: Int { state.withLock { $0.appCalls } }

    /// How often a ticket was requested.
    var ticketRequests: Int { state.withLock { $0.ticketRequests } }

    /// Accepts no other ticket from now on.
    func acceptOnly(_ ticket: Secret) { state.withLock { $0.goodTicket = ticket } }

    /// Rejects an app_access_token from now on.
    func reject(_ appToken: AppAccessToken) { state.withLock { _ = $0.rejectedAppTokens.insert(appToken) } }

    /// Sets the lifetime of the tokens from now on, in seconds.
    func setLifetime(_ lifetime: Double) { state.withLock { $0.lifetime = lifetime } }

    /// Sets the error of the requests from now on.
    func fail(_ error: LarkError?) { received.fail(error) }

    /// Returns the same token from now on, as the platform does while half an hour remains.
    func repeatToken(_ text: String?) { state.withLock { $0.fixedToken = text } }

    /// Holds the next request until the returned function is called.
    func hold() -> @Sendable () -> Void { received.hold() }

    /// The endpoint for a provider.
    func endpoint(_ clock: TestClocks) -> TokenEndpoint {
        TokenEndpoint { request in
            try await self.issue(request, now: clock.now)
        } requestTicket: { _ in
            self.state.withLock { $0.ticketRequests += 1 }
            try self.received.failIfAsked()
        }
    }

    private func issue(_ request: TokenRequest, now: Date) async throws -> TenantAccessToken {
        let (lifetime, fixed) = state.withLock { ($0.lifetime, $0.fixedToken) }
        let number = await received.begin()
        try state.withLock { try $0.check(request) }
        try received.failIfAsked()
        guard let token = TenantAccessToken(fixed ?? "t-\(number)", expiresAt: now.addingTimeInterval(lifetime)) else {
            throw LarkError(.badResponse, "the test's token is not valid", remedy: "")
        }
        return token
    }
}

extension TestPlatform.State {
    /// Checks the ticket or the app_access_token.
    fileprivate mutating func check(_ request: TokenRequest) throws {
        switch request {
        case .customTenant: break
        case .app(_, let ticket):
            appCalls += 1
            if let goodTicket, ticket != goodTicket {
                throw LarkError(.refused, "the app_ticket is not valid", remedy: "", platformCode: 10012)
            }
        case .storeTenant(_, let appToken, _):
            if rejectedAppTokens.contains(appToken) {
                throw LarkError(
                    .tokenRejected, "the app_access_token is not valid", remedy: "", platformCode: 99_991_664)
            }
        }
    }
}

extension TenantAccessToken {
    /// The text, for comparisons.
    var text: String { secret.revealedText }
}

extension LarkError {
    /// The platform's error for a wrong secret.
    static let wrongSecret = LarkError(
        .refused, "the secret is wrong", remedy: "set it", httpStatus: 200, platformCode: 10014,
        platformMessage: "app secret invalid", logID: "20260101000000ABCDEF")
    /// The platform's answer when it is called too often.
    static let throttled = LarkError(
        .tryLater, "too many requests", remedy: "Run this again later", httpStatus: 429, platformCode: 99_991_400,
        platformMessage: "request trigger frequency limit", logID: "20260101000000ABCDEF", retryAfter: .seconds(20),
        isRetryable: true)
    /// No network.
    static let offline = LarkError(.unreachable, "no network", remedy: "wait", isRetryable: true)
}
