import FoundationEssentials
import LarkAPI
import Synchronization
import TestSupport
import Testing

@Suite("Cached tokens", .timeLimit(.minutes(1)))
struct CachingTokenProviderTests {
    private let clock = TestClocks()
    private let acme: TenantName
    private let beta: TenantName
    private let source: CountingTokenProvider

    init() throws {
        acme = try TenantName("acme")
        beta = try TenantName("beta")
        source = CountingTokenProvider(tenants: [acme, beta], clock: clock)
    }

    private func provider(_ timeToLive: Duration = .seconds(1), servesStale: Bool = false) -> CachingTokenProvider {
        CachingTokenProvider(
            source, timeToLive: timeToLive, servesStaleOnFailure: servesStale, clocks: clock.timing)
    }

    @Test("A provider that caches does what every provider must do", arguments: [1, 30], [false, true])
    func contract(_ seconds: Int, _ servesStale: Bool) async throws {
        let tokens = provider(.seconds(seconds), servesStale: servesStale)
        try await TokenProviderContract(tokens, tenant: acme, source: source.control, clock: clock)
            .holds(unknown: TenantName("nobody"))
    }

    @Test("A thousand calls within a second make one, and a second later there is another")
    func second() async throws {
        let tokens = provider()
        for _ in 0..<1000 { _ = try await tokens.token(for: acme, goodFor: .seconds(60)) }
        #expect(source.calls == 1)
        _ = try await tokens.token(for: beta, goodFor: .seconds(60))
        #expect(source.calls == 2)
        clock.advance(1)
        _ = try await tokens.token(for: acme, goodFor: .seconds(60))
        #expect(source.calls == 3)
        clock.advance(-3600)
        _ = try await tokens.token(for: acme, goodFor: .seconds(60))
        #expect(source.calls == 4, "a clock that was turned back expires the token")
    }

    @Test("In its last half hour a token is cached for a second at most")
    func expiring() async throws {
        let tokens = provider(.seconds(30))
        source.setLifetime(1810)
        _ = try await tokens.token(for: acme, goodFor: .zero)
        clock.advance(9)
        _ = try await tokens.token(for: acme, goodFor: .zero)
        #expect(source.calls == 1)
        source.setLifetime(1000)
        for number in 2...4 {
            clock.advance(1)
            _ = try await tokens.token(for: acme, goodFor: .zero)
            #expect(source.calls == number)
        }
    }

    @Test("A token that ends too early for the caller is requested again")
    func tooShort() async throws {
        let tokens = provider()
        source.setLifetime(100)
        _ = try await tokens.token(for: acme, goodFor: .seconds(60))
        _ = try await tokens.token(for: acme, goodFor: .seconds(101))
        #expect(source.calls == 2)
    }

    @Test("A token that was on its way when it was rejected is not cached")
    func rejectedOnTheWay() async throws {
        let tokens = provider(.seconds(30))
        let release = source.hold()
        let late = Task { try await tokens.token(for: acme, goodFor: .zero) }
        try await eventually { source.calls == 1 }
        let rejected = try #require(TenantAccessToken("t-1", expiresAt: clock.now))
        try await tokens.reject(rejected, for: acme)
        release()
        #expect(try await late.value.secret == rejected.secret)
        #expect(try await tokens.token(for: acme, goodFor: .zero).secret != rejected.secret)
    }

    @Test("A transient failure is covered by the last token while it is valid, and the provider is left alone for 5 s")
    func stale() async throws {
        let tokens = provider(.seconds(30), servesStale: true)
        let first = try await tokens.token(for: acme, goodFor: .zero)
        source.fail(LarkError(.unreachable, "no network", remedy: "", isRetryable: true))
        clock.advance(30)
        #expect(try await tokens.token(for: acme, goodFor: .zero) == first)
        #expect(source.calls == 2)
        clock.advance(4)
        #expect(try await tokens.token(for: acme, goodFor: .zero) == first)
        #expect(source.calls == 2)
        clock.advance(1)
        #expect(try await tokens.token(for: acme, goodFor: .zero) == first)
        #expect(source.calls == 3)
        await #expect(throws: LarkError.self) { try await tokens.token(for: acme, goodFor: .seconds(7200)) }
        try await tokens.reject(first, for: acme)
        await #expect(throws: LarkError.self, "a rejected token covers nothing") {
            try await tokens.token(for: acme, goodFor: .zero)
        }
    }

    @Test("A permanent failure is not covered by the last token")
    func permanent() async throws {
        let tokens = provider(servesStale: true)
        _ = try await tokens.token(for: acme, goodFor: .zero)
        source.fail(LarkError(.refused, "the secret is wrong", remedy: ""))
        clock.advance(1)
        await #expect(throws: LarkError.self) { try await tokens.token(for: acme, goodFor: .zero) }
    }

    @Test("A fixed token is handed out to all, whatever becomes of it")
    func fixed() async throws {
        let token = try #require(TenantAccessToken("t-fixed", expiresAt: clock.now.addingTimeInterval(7200)))
        let tokens = StaticTokenProvider(token)
        try await TokenProviderContract(tokens, tenant: acme, source: source.control, clock: clock)
            .servesCallersTogether()
        try await tokens.reject(token, for: acme)
        #expect(try await tokens.token(for: beta, goodFor: .seconds(9000)) == token)
    }
}

/// Issues the tokens `t-1`, `t-2`, … and counts.
private final class CountingTokenProvider: TenantTokenProvider {
    private let received = TestCalls()
    private let lifetime = Mutex(7200.0)
    private let tenants: Set<TenantName>
    private let clock: TestClocks

    init(tenants: Set<TenantName>, clock: TestClocks) {
        self.tenants = tenants
        self.clock = clock
    }

    var calls: Int { received.count }

    var control: TokenProviderContract.Source {
        TokenProviderContract.Source(calls: { self.calls }, hold: received.hold)
    }

    func setLifetime(_ lifetime: Double) { self.lifetime.withLock { $0 = lifetime } }

    func fail(_ error: LarkError) { received.fail(error) }

    func hold() -> @Sendable () -> Void { received.hold() }

    func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
        guard tenants.contains(tenant) else { throw LarkError(.refused, "unknown tenant", remedy: "") }
        let lifetime = lifetime.withLock { $0 }
        let number = await received.begin()
        try received.failIfAsked()
        return try #require(TenantAccessToken("t-\(number)", expiresAt: clock.now.addingTimeInterval(lifetime)))
    }

    func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws -> RejectionResult { .accepted }
}
