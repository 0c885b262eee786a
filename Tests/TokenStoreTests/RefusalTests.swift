import FoundationEssentials
import LarkAPI
import TestSupport
import Testing

@testable import TokenStore

@Suite("Refusals and rejected tokens")
struct RefusalTests {
    @Test("A wrong secret is sent at most five times in five minutes, and the error is remembered")
    func wrongSecretIsRemembered() async throws {
        try await withStore { fixture, store, acme in
            fixture.platform.fail(.wrongSecret)
            var kinds: Set<LarkError.Kind> = []
            for _ in 1...300 {
                let error = await #expect(throws: LarkError.self) {
                    try await fixture.provider(store).token(for: acme, goodFor: .zero)
                }
                kinds.insert(error?.kind ?? .unavailable)
                #expect(error?.platformCode == 10014)
                #expect(error?.logID == "20260101000000ABCDEF")
                #expect(error?.isRetryable == false)
                fixture.clock.advance(1)
            }
            #expect(kinds == [.refused])
            #expect(fixture.platform.calls == 3)
        }
    }

    @Test("A remembered refusal keeps its kind and says what the platform said, when, and when a request is allowed")
    func rememberedRefusal() async throws {
        try await withStore { fixture, store, acme in
            fixture.platform.fail(.wrongSecret)
            let provider = fixture.provider(store)
            let first = await #expect(throws: LarkError.self) { try await provider.token(for: acme, goodFor: .zero) }
            fixture.clock.advance(12)
            let second = await #expect(throws: LarkError.self) { try await provider.token(for: acme, goodFor: .zero) }
            #expect(first?.retryAfter == nil)
            #expect(second?.kind == .refused)
            #expect(second?.retryAfter == .seconds(48))
            #expect(
                second?.description
                    == "the secret is wrong; this was the result 12 s ago, and the next request is allowed in 48 s "
                    + "(10014: app secret invalid, log id 20260101000000ABCDEF)")
            #expect(second?.remedy?.action as? PlatformAction == .replaceAppSecret(of: nil))
        }
    }

    @Test("A refusal after an outage starts a back-off of its own, and the next one doubles it")
    func refusalAfterOutage() {
        let now = Date(timeIntervalSince1970: 1_767_225_600)
        let outage = RenewalFailure(.offline, after: RenewalFailure(.offline, after: nil, at: now), at: now)
        let refusal = RenewalFailure(.wrongSecret, after: outage, at: now)
        #expect(refusal.retryAt == now.addingTimeInterval(60))
        #expect(refusal.isNewer(than: outage))
        #expect(RenewalFailure(.wrongSecret, after: refusal, at: now).retryAt == now.addingTimeInterval(120))
    }

    @Test("A changed secret is tried at once")
    func changedSecret() async throws {
        try await withStore { fixture, store, acme in
            fixture.platform.fail(.wrongSecret)
            await #expect(throws: LarkError.self) {
                try await fixture.provider(store).token(for: acme, goodFor: .zero)
            }
            fixture.platform.fail(nil)
            try await store.updateTenant(acme, app: StoreFixture.app(secret: "other"))
            #expect(try await fixture.provider(store).token(for: acme, goodFor: .zero).text == "t-2")
        }
    }

    @Test("A network error is not remembered as a refusal")
    func networkFault() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            fixture.platform.fail(.offline)
            await #expect(throws: LarkError.self) { try await provider.token(for: acme, goodFor: .zero) }
            fixture.platform.fail(nil)
            fixture.clock.advance(1)
            let token = try await provider.token(for: acme, goodFor: .zero)
            #expect(token.text == "t-2")
            #expect(try await store.tenant(acme).lastFailure == nil)
        }
    }

    @Test("Every process waits as long as the platform asks for")
    func namedTime() async throws {
        try await withStore { fixture, store, acme in
            fixture.platform.fail(LarkError(.tryLater, "too many", remedy: "", retryAfter: .seconds(25)))
            await #expect(throws: LarkError.self) { try await fixture.provider(store).token(for: acme, goodFor: .zero) }
            fixture.platform.fail(nil)
            fixture.clock.advance(24)
            let other = fixture.provider(try await fixture.open(.existing))
            let error = await #expect(throws: LarkError.self) { try await other.token(for: acme, goodFor: .zero) }
            #expect(error?.retryAfter == .seconds(1))
            fixture.clock.advance(1)
            #expect(try await other.token(for: acme, goodFor: .zero).text == "t-2")
        }
    }

    @Test("A rejected token is invalidated however often it is reported; a newer one stays")
    func invalidationComparesFirst() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            let first = try await provider.token(for: acme, goodFor: .zero)
            for _ in 1...30 { try await provider.reject(first, for: acme) }
            let second = try await provider.token(for: acme, goodFor: .zero)
            #expect(second.text == "t-2")
            try await provider.reject(first, for: acme)
            #expect(try await provider.token(for: acme, goodFor: .zero) == second)
            #expect(fixture.platform.calls == 2)
        }
    }

    @Test("A rejected token that the platform returns again is served, and reports against it are ignored for a while")
    func sameTokenAgain() async throws {
        try await withStore { fixture, store, acme in
            fixture.platform.repeatToken("t-same")
            let provider = fixture.provider(store)
            let token = try await provider.token(for: acme, goodFor: .zero)
            for number in 1...10 {
                #expect(try await provider.reject(token, for: acme) == (number == 1 ? .accepted : .confirmed))
                #expect(try await provider.token(for: acme, goodFor: .zero).text == "t-same")
            }
            #expect(fixture.platform.calls == 2)
            fixture.clock.advance(301)
            #expect(try await provider.reject(token, for: acme) == .confirmed)
            #expect(try await provider.token(for: acme, goodFor: .zero).text == "t-same")
            #expect(fixture.platform.calls == 3)
        }
    }

    @Test("After two rejected tokens within half a minute, the next request waits until that half minute is over")
    func twoRejections() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            try await provider.reject(try await provider.token(for: acme, goodFor: .zero), for: acme)
            fixture.clock.advance(10)
            try await provider.reject(try await provider.token(for: acme, goodFor: .zero), for: acme)
            for _ in 1...10 {
                await #expect(throws: LarkError.self) { try await provider.token(for: acme, goodFor: .zero) }
            }
            #expect(fixture.platform.calls == 2)
            fixture.clock.advance(20)
            #expect(try await provider.token(for: acme, goodFor: .zero).text == "t-3")
        }
    }

    @Test("After two rejected tokens, the error says so; a caller waits if a request is allowed again soon")
    func rejectionPause() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            let start = fixture.clock.now
            try await provider.reject(try await provider.token(for: acme, goodFor: .zero), for: acme)
            fixture.clock.advance(10)
            try await provider.reject(try await provider.token(for: acme, goodFor: .zero), for: acme)
            let error = await #expect(throws: LarkError.self) { try await provider.token(for: acme, goodFor: .zero) }
            #expect(error?.kind == .tokenRejected)
            #expect(error?.summary.hasPrefix("the platform rejected two different tokens within 30 s") == true)
            #expect(error?.retryAfter == .seconds(20))
            fixture.clock.advance(6)
            #expect(try await provider.token(for: acme, goodFor: .zero).text == "t-3")
            #expect(fixture.clock.now.timeIntervalSince(start) == 30)
        }
    }

    @Test("A token that arrives late does not replace a newer one")
    func lateWriter() async throws {
        try await withStore { fixture, store, acme in
            let old = try await store.state(of: .tenant(acme))
            let now = fixture.clock.now
            let newer = try #require(TenantAccessToken("t-new", expiresAt: now.addingTimeInterval(7200)))
            let older = try #require(TenantAccessToken("t-old", expiresAt: now.addingTimeInterval(1900)))
            #expect(try await store.keep(newer, for: old) == newer)
            #expect(try await store.keep(older, for: old) == newer)
            #expect(try await store.state(of: .tenant(acme)).token == newer)
        }
    }

    @Test("A token that is invalidated while it is requested is not stored")
    func invalidatedInFlight() async throws {
        try await withStore { fixture, store, acme in
            let token = try #require(
                TenantAccessToken("t-x", expiresAt: fixture.clock.now.addingTimeInterval(7200)))
            _ = try await store.keep(token, for: store.state(of: .tenant(acme)))
            let asking = try await store.state(of: .tenant(acme))
            try await store.invalidate(token, of: .tenant(acme))
            _ = try await store.keep(token, for: asking)
            #expect(try await store.state(of: .tenant(acme)).token == nil)
        }
    }

    @Test("After a change of the secret, neither the old token nor a late one for the old secret is returned")
    func generations() async throws {
        try await withStore { fixture, store, acme in
            _ = try await fixture.provider(store).token(for: acme, goodFor: .zero)
            let asking = try await store.state(of: .tenant(acme))
            try await store.updateTenant(acme, app: StoreFixture.app(secret: "other"))
            #expect(try await store.state(of: .tenant(acme)).token == nil)
            let late = try #require(
                TenantAccessToken("t-late", expiresAt: fixture.clock.now.addingTimeInterval(7200)))
            #expect(try await store.keep(late, for: asking) == late)
            #expect(try await store.state(of: .tenant(acme)).token == nil)
        }
    }

    @Test("Two tenants with the same app_id and different secrets never share a token")
    func sameAppTwoSecrets() async throws {
        try await withStore { fixture, store, acme in
            let other = try TenantName("other")
            try await store.addTenant(other, app: StoreFixture.app(secret: "wrong"))
            _ = try await fixture.provider(store).token(for: acme, goodFor: .zero)
            fixture.platform.fail(.wrongSecret)
            await #expect(throws: LarkError.self) {
                try await fixture.provider(store).token(for: other, goodFor: .zero)
            }
        }
    }
}
