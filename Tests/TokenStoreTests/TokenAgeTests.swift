import FoundationEssentials
import LarkAPI
import TestSupport
import Testing

@testable import TokenStore

@Suite("Fresh, expiring and expired tokens")
struct TokenAgeTests {
    @Test("Without a token one is requested, and the next caller gets it from the store")
    func firstToken() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            for _ in 1...2 {
                let token = try await provider.token(for: acme, goodFor: .seconds(60))
                #expect(token.text == "t-1")
            }
            #expect(fixture.platform.calls == 1)
        }
    }

    /// The remaining lifetime of a token, and the expected result.
    struct Age: Sendable, CustomTestStringConvertible {
        let left: Double
        let minimum: Int
        let token: String
        let calls: Int
        var testDescription: String { "\(left) s left, \(minimum) s needed" }
    }

    @Test(
        "The age decides at the exact second",
        arguments: [
            Age(left: 1801, minimum: 60, token: "t-1", calls: 1),
            Age(left: 1801, minimum: 1800, token: "t-1", calls: 1),
            Age(left: 1800, minimum: 60, token: "t-2", calls: 2),
            Age(left: 60, minimum: 60, token: "t-2", calls: 2),
            Age(left: 59, minimum: 60, token: "t-2", calls: 2),
            Age(left: 1, minimum: 0, token: "t-2", calls: 2),
            Age(left: 0, minimum: 0, token: "t-2", calls: 2),
            Age(left: -5, minimum: 0, token: "t-2", calls: 2),
        ])
    func ages(_ age: Age) async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            _ = try await provider.token(for: acme, goodFor: .zero)
            fixture.clock.advance(7200 - age.left)
            let token = try await provider.token(for: acme, goodFor: .seconds(age.minimum))
            #expect(token.text == age.token)
            #expect(fixture.platform.calls == age.calls)
        }
    }

    @Test("While one process renews an expiring token, the others get the old one at once")
    func expiringIsReturned() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            _ = try await provider.token(for: acme, goodFor: .zero)
            fixture.clock.advance(7200 - 600)
            let open = fixture.platform.hold()
            async let renewing = provider.token(for: acme, goodFor: .seconds(60))
            try await eventually { fixture.platform.calls >= 2 }
            let other = fixture.provider(try await fixture.open(.existing))
            #expect(try await provider.token(for: acme, goodFor: .seconds(60)).text == "t-1")
            #expect(try await other.token(for: acme, goodFor: .seconds(60)).text == "t-1")
            open()
            #expect(try await renewing.text == "t-2")
            #expect(fixture.platform.calls == 2)
        }
    }

    @Test(
        "A renewal that fails while the old token is valid is not an error, and is not repeated for a minute",
        arguments: [
            LarkError.offline, .wrongSecret,
            LarkError(.unavailable, "HTTP 500", remedy: "", httpStatus: 500, isRetryable: true),
            LarkError(.tryLater, "HTTP 429", remedy: "", httpStatus: 429, retryAfter: .seconds(60), isRetryable: true),
            LarkError(.badResponse, "HTML", remedy: "", isRetryable: true),
        ])
    func failingRenewal(_ failure: LarkError) async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            _ = try await provider.token(for: acme, goodFor: .zero)
            fixture.clock.advance(7200 - 1000)
            fixture.platform.fail(failure)
            for _ in 1...20 {
                #expect(try await provider.token(for: acme, goodFor: .seconds(60)).text == "t-1")
            }
            #expect(fixture.platform.calls == 2)
            fixture.clock.advance(61)
            #expect(try await provider.token(for: acme, goodFor: .seconds(60)).text == "t-1")
            #expect(fixture.platform.calls == 3)
            fixture.platform.fail(nil)
            // After the second refusal in a row, the back-off is two minutes.
            fixture.clock.advance(121)
            #expect(try await provider.token(for: acme, goodFor: .seconds(60)).text == "t-4")
        }
    }

    @Test(
        "A clock that jumps back a day, or ahead three hours, costs one request; no expired token is returned",
        arguments: [-86_400.0, 10_800])
    func clockJumps(by seconds: Double) async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            _ = try await provider.token(for: acme, goodFor: .zero)
            fixture.clock.advance(seconds)
            let token = try await provider.token(for: acme, goodFor: .seconds(60))
            #expect(token.text == "t-2")
            #expect(token.remaining(at: fixture.clock.now) == .seconds(7200))
            _ = try await provider.token(for: acme, goodFor: .seconds(60))
            #expect(fixture.platform.calls == 2)
        }
    }

    @Test("A token that was issued for less than the caller needs is still returned")
    func shortLifetime() async throws {
        try await withStore { fixture, store, acme in
            fixture.platform.setLifetime(30)
            let provider = fixture.provider(store)
            let token = try await provider.token(for: acme, goodFor: .seconds(60))
            #expect(token.text == "t-1")
            fixture.clock.advance(29)
            #expect(try await provider.token(for: acme, goodFor: .seconds(60)) == token)
            #expect(fixture.platform.calls == 1, "a short-lived token does not cost a request for each caller")
            fixture.clock.advance(1)
            #expect(try await provider.token(for: acme, goodFor: .seconds(60)).text == "t-2")
        }
    }

    @Test("Reading a fresh token changes no byte of the store and creates no lock file", .inFile)
    func readingWritesNothing() async throws {
        try await withStore { fixture, store, acme in
            try await store.updateTenant(
                acme, app: StoreFixture.app(),
                token: TenantAccessToken("t-0", expiresAt: fixture.clock.now.addingTimeInterval(7200)))
            let before = try fixture.folder.read("store.sqlite")
            let provider = fixture.provider(try await fixture.open(.existing))
            #expect(try await provider.token(for: acme, goodFor: .seconds(60)).text == "t-0")
            #expect(try fixture.folder.read("store.sqlite") == before)
            #expect(try fixture.folder.names().filter { $0.hasSuffix(".locks") } == [])
            #expect(fixture.platform.calls == 0)
        }
    }

    @Test("A forced renewal goes to the platform even if the token is fresh")
    func forcedRefresh() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            _ = try await provider.token(for: acme, goodFor: .zero)
            #expect(try await provider.renewedToken(for: acme).text == "t-2")
            #expect(try await provider.token(for: acme, goodFor: .zero).text == "t-2")
        }
    }
}
