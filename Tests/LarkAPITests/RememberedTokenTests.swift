import FoundationEssentials
import LarkAPI
import Synchronization
import TestSupport
import Testing

@Suite("Tokens that are remembered")
struct RememberedTokenTests {
    /// Hands out `t-1`, and `t-2` once `t-1` is rejected; counts.
    private final class Source: TenantTokenProvider {
        private struct State {
            var calls = 0
            var rejections = 0
        }

        private let state = Mutex(State())
        private let life: Double
        private let clock: TestClocks

        init(life: Double = 7200, clock: TestClocks) {
            self.life = life
            self.clock = clock
        }

        var calls: Int { state.withLock { $0.calls } }

        func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
            let number = state.withLock { state in
                state.calls += 1
                return state.rejections + 1
            }
            return try #require(TenantAccessToken("t-\(number)", expiresAt: clock.now.addingTimeInterval(life)))
        }

        func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws {
            state.withLock { $0.rejections += 1 }
        }
    }

    @Test("A thousand questions within a second are one, and a second later there is another")
    func second() async throws {
        let clock = TestClocks()
        let source = Source(clock: clock)
        let tokens = CachingTokenProvider(source, timing: clock.timing)
        let acme = try TenantName("acme")
        for _ in 0..<1000 { _ = try await tokens.token(for: acme, goodFor: .seconds(60)) }
        #expect(source.calls == 1)
        _ = try await tokens.token(for: TenantName("beta"), goodFor: .seconds(60))
        #expect(source.calls == 2)
        clock.advance(1)
        _ = try await tokens.token(for: acme, goodFor: .seconds(60))
        #expect(source.calls == 3)
        clock.advance(-3600)
        _ = try await tokens.token(for: acme, goodFor: .seconds(60))
        #expect(source.calls == 4, "a clock that was turned back ends a memory")
    }

    @Test("A token that is rejected is not handed out again")
    func rejected() async throws {
        let clock = TestClocks()
        let source = Source(clock: clock)
        let tokens = CachingTokenProvider(source, timing: clock.timing)
        let acme = try TenantName("acme")
        let first = try await tokens.token(for: acme, goodFor: .zero)
        try await tokens.reject(first, for: acme)
        let second = try await tokens.token(for: acme, goodFor: .zero)
        #expect(second.secret != first.secret)
        // Somebody who was late with the old one.
        try await tokens.reject(first, for: acme)
        #expect(source.calls == 2)
    }

    @Test("A token that lives too short for the caller is asked for anew")
    func tooShort() async throws {
        let clock = TestClocks()
        let source = Source(life: 100, clock: clock)
        let tokens = CachingTokenProvider(source, timing: clock.timing)
        let acme = try TenantName("acme")
        _ = try await tokens.token(for: acme, goodFor: .seconds(60))
        _ = try await tokens.token(for: acme, goodFor: .seconds(101))
        #expect(source.calls == 2)
    }
}
