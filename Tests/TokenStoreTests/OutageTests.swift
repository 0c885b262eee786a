import Database
import FoundationEssentials
import LarkAPI
import TestSupport
import Testing

@testable import TokenStore

@Suite("Outages of a host", .timeLimit(.minutes(5)))
struct OutageTests {
    private static let unavailable = LarkError(
        .unavailable, "the platform reports an internal error", remedy: "Run this again in a minute", httpStatus: 503,
        logID: "20260101000000ABCDEF", isRetryable: true)

    @Test("Of 18 requests in ten seconds of an outage, four reach the platform; the others get its error")
    func requestsDuringAnOutage() async throws {
        try await withStore { fixture, store, acme in
            fixture.platform.fail(Self.unavailable)
            let start = fixture.clock.now
            var sent: [Double] = []
            for number in 0..<18 {
                fixture.clock.advance(
                    start.addingTimeInterval(Double(number) * 10 / 18).timeIntervalSince(fixture.clock.now))
                let before = fixture.platform.calls
                let error = await #expect(throws: LarkError.self) {
                    try await fixture.provider(store).token(for: acme, goodFor: .zero)
                }
                #expect(error?.kind == .unavailable)
                #expect(error?.isRetryable == true)
                #expect(error?.logID == "20260101000000ABCDEF")
                if fixture.platform.calls > before { sent.append(fixture.clock.now.timeIntervalSince(start)) }
            }
            #expect(sent.count <= 4, "\(sent)")
        }
    }

    @Test("The waits between requests double from one second to half a minute")
    func backoff() {
        var outage: RenewalFailure?
        let now = Date(timeIntervalSince1970: 0)
        let waits = (1...8)
            .map { _ in
                let next = RenewalFailure(outage: Self.unavailable, after: outage, at: now)
                outage = next
                return next.retryAt.timeIntervalSince(now)
            }
        #expect(waits == [1, 2, 4, 8, 16, 30, 30, 30])
    }

    @Test("A token that a verification brought ends the outage, since the host has responded")
    func verified() async throws {
        try await withStore { fixture, store, acme in
            fixture.platform.fail(Self.unavailable)
            await #expect(throws: LarkError.self) {
                try await fixture.provider(store).token(for: acme, goodFor: .zero)
            }
            fixture.platform.fail(nil)
            let token = try #require(
                TenantAccessToken("t-verified", expiresAt: fixture.clock.now.addingTimeInterval(7200)))
            let globex = try TenantName("globex")
            try await store.addTenant(globex, app: StoreFixture.app("cli_g"), token: token)
            // At once, without the wait that an outage imposes.
            let calls = fixture.platform.calls
            _ = try await fixture.provider(store).token(for: acme, goodFor: .zero)
            #expect(fixture.platform.calls == calls + 1)
        }
    }

    @Test("One request at a time probes the host; the others get the remembered error without waiting")
    func oneProbe() async throws {
        try await withStore { fixture, store, acme in
            let globex = try TenantName("globex")
            try await store.addTenant(globex, app: StoreFixture.app("cli_g"))
            fixture.platform.fail(.offline)
            let provider = fixture.provider(store)
            await #expect(throws: LarkError.self) { try await provider.token(for: acme, goodFor: .zero) }
            fixture.clock.advance(2)
            fixture.platform.fail(nil)
            let open = fixture.platform.hold()
            async let probe = provider.token(for: acme, goodFor: .zero)
            try await eventually { fixture.platform.calls == 2 }
            let other = fixture.provider(try await fixture.open(.existing))
            let error = await #expect(throws: LarkError.self) { try await other.token(for: globex, goodFor: .zero) }
            #expect(error?.kind == .unreachable)
            #expect(fixture.platform.calls == 2)
            open()
            #expect(try await probe.text == "t-2")
            #expect(try await other.token(for: globex, goodFor: .zero).text == "t-3")
        }
    }

    @Test("Neither other hosts nor tenants with a valid token are affected")
    func others() async throws {
        try await withStore { fixture, store, acme in
            let (valid, elsewhere) = (try TenantName("valid"), try TenantName("elsewhere"))
            try await store.addTenant(valid, app: StoreFixture.app("cli_v"))
            var app = try StoreFixture.app("cli_e")
            app.host = .feishu
            try await store.addTenant(elsewhere, app: app)
            let provider = fixture.provider(store)
            #expect(try await provider.token(for: valid, goodFor: .zero).text == "t-1")
            fixture.platform.fail(.offline)
            await #expect(throws: LarkError.self) { try await provider.token(for: acme, goodFor: .zero) }
            fixture.platform.fail(nil)
            await #expect(throws: LarkError.self) { try await provider.token(for: acme, goodFor: .zero) }
            #expect(try await provider.token(for: valid, goodFor: .zero).text == "t-1")
            #expect(try await provider.token(for: elsewhere, goodFor: .zero).text == "t-3")
        }
    }

    @Test("A refusal is a response, so it ends the outage")
    func refusal() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            fixture.platform.fail(.offline)
            await #expect(throws: LarkError.self) { try await provider.token(for: acme, goodFor: .zero) }
            fixture.clock.advance(2)
            fixture.platform.fail(.wrongSecret)
            await #expect(throws: LarkError.self) { try await provider.token(for: acme, goodFor: .zero) }
            let outage = try await store.outage(of: .lark)
            #expect(outage == nil)
        }
    }

    @Test("A remembered outage that cannot be read counts as none")
    func damaged() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            fixture.platform.fail(.offline)
            await #expect(throws: LarkError.self) { try await provider.token(for: acme, goodFor: .zero) }
            fixture.platform.fail(nil)
            try await fixture.raw().write { try $0.executeScript("UPDATE host_outage SET failed_at = -5") }
            #expect(try await provider.token(for: acme, goodFor: .zero).text == "t-2")
        }
    }
}
