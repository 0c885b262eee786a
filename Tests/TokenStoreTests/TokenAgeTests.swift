import FoundationEssentials
import LarkAPI
import TestSupport
import Testing

@testable import TokenStore

@Suite("The three ages of a token")
struct TokenAgeTests {
    @Test("Without a token, the platform is asked once, and the next call is served from the store")
    func firstToken() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            for _ in 1...2 {
                let token = try await provider.token(for: acme, goodFor: .seconds(60))
                #expect(token.text == "t-1")
            }
            #expect(fixture.issuer.calls == 1)
        }
    }

    /// How much of a token is left, and what becomes of it.
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
            #expect(fixture.issuer.calls == age.calls)
        }
    }

    @Test("While one renews an expiring token, everyone else gets the old one at once")
    func ageingIsServed() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            _ = try await provider.token(for: acme, goodFor: .zero)
            fixture.clock.advance(7200 - 600)
            let open = fixture.issuer.hold()
            async let renewing = provider.token(for: acme, goodFor: .seconds(60))
            try await eventually { fixture.issuer.calls >= 2 }
            let other = fixture.provider(try await fixture.open(.existing))
            #expect(try await provider.token(for: acme, goodFor: .seconds(60)).text == "t-1")
            #expect(try await other.token(for: acme, goodFor: .seconds(60)).text == "t-1")
            open()
            #expect(try await renewing.text == "t-2")
            #expect(fixture.issuer.calls == 2)
        }
    }

    @Test(
        "A renewal that fails while the old token serves is no error, and is not tried again for a minute",
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
            fixture.issuer.fail(failure)
            for _ in 1...20 {
                #expect(try await provider.token(for: acme, goodFor: .seconds(60)).text == "t-1")
            }
            #expect(fixture.issuer.calls == 2)
            fixture.clock.advance(61)
            #expect(try await provider.token(for: acme, goodFor: .seconds(60)).text == "t-1")
            #expect(fixture.issuer.calls == 3)
            fixture.issuer.fail(nil)
            // The second refusal in a row makes a pause of two minutes.
            fixture.clock.advance(121)
            #expect(try await provider.token(for: acme, goodFor: .seconds(60)).text == "t-4")
        }
    }

    @Test(
        "A clock turned back a day, or on by three hours, costs one call and never serves a dead token",
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
            #expect(fixture.issuer.calls == 2)
        }
    }

    @Test("A token that lives shorter than the caller needs is still handed out: there is no better one")
    func shortLife() async throws {
        try await withStore { fixture, store, acme in
            fixture.issuer.setLife(30)
            let token = try await fixture.provider(store).token(for: acme, goodFor: .seconds(60))
            #expect(token.text == "t-1")
        }
    }

    @Test("A fresh token is read without a byte of the store changing, and without a lock file")
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
            #expect(fixture.issuer.calls == 0)
        }
    }

    @Test("A refresh asked for by name goes to the platform, whatever the age")
    func forcedRefresh() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            _ = try await provider.token(for: acme, goodFor: .zero)
            #expect(try await provider.renewedToken(for: acme).text == "t-2")
            #expect(try await provider.token(for: acme, goodFor: .zero).text == "t-2")
        }
    }
}
