import AuthServiceClient
import Database
import FoundationEssentials
import LarkAPI
import NIOCore
import Synchronization
import TestSupport
import Testing
import TokenStore

@testable import AuthService

@Suite("Tokens from a service", .timeLimit(.minutes(5)))
struct ServiceTokensTests {
    @Test("What the platform refuses is told with its code and remedy, and asked once")
    func refusal() async throws {
        try await withServiceFixture { fixture in
            fixture.platform.fail(
                LarkError(
                    .refused, "the secret is wrong", remedy: Remedy("", PlatformAction.replaceAppSecret(of: nil)),
                    httpStatus: 200,
                    platformCode: 10014, platformMessage: "app secret invalid", logID: "log-1"))
            try await fixture.routing { client in
                let first = try await client.send()
                #expect(first.status == 502)
                for part in [#""code":10014"#, #""log_id":"log-1""#, "set the secret again", #""type":"refused""#] {
                    #expect(first.body.contains(part), "\(first.body)")
                }
                let again = try await client.send()
                #expect(again.status == 502, "a remembered refusal is a refusal")
                #expect(again.body.contains(#""type":"refused""#))
                #expect(again.fields["Retry-After"] == "60")
                #expect(fixture.platform.calls == 1)
            }
        }
    }

    @Test("No client waits for the renewal of an expiring token, and it is renewed once")
    func renewsBehind() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                func token() async throws -> String { try await client.send().body }
                #expect(try await token().contains("t-cli_acme-1"))
                fixture.clock.advance(7200 - 600)
                let open = fixture.platform.hold()
                for _ in 1...20 {
                    #expect(try await token().contains("t-cli_acme-1"))
                    fixture.clock.advance(1.1)
                }
                try await eventually { fixture.platform.calls == 2 }
                open()
                try await eventually {
                    fixture.clock.advance(1.1)
                    return try await token().contains("t-cli_acme-2")
                }
                #expect(fixture.platform.calls == 2)
            }
        }
    }

    @Test("Tenants that were asked for are renewed ahead of need, others cost nothing")
    func renewsAhead() async throws {
        try await withServiceFixture { fixture in
            let provider = StoredTokenProvider(
                store: fixture.store, clocks: fixture.clock.timing, endpoint: fixture.platform.endpoint(fixture.clock),
                renewsInBackground: true)
            let renewal = TokenRefresher(provider, timing: fixture.clock.timing) { _ in .lark }
            await renewal.renew()
            #expect(fixture.platform.calls == 0)
            let token = try await provider.token(for: fixture.acme, goodFor: .zero)
            renewal.noteRequest(for: fixture.acme, token)
            await renewal.renew()
            #expect(fixture.platform.calls == 1)
            let due = token.renewalTime(of: "acme").timeIntervalSince(fixture.clock.now)
            #expect((5400...6600).contains(due))
            fixture.clock.advance(due - 1)
            await renewal.renew()
            #expect(try await provider.token(for: fixture.acme, goodFor: .zero) == token)
            #expect(fixture.platform.calls == 1)
            fixture.clock.advance(1)
            await renewal.renew()
            try await eventually { fixture.platform.calls == 2 }
            fixture.clock.advance(90_000)
            await renewal.renew()
            #expect(fixture.platform.calls == 2)
        }
    }

    @Test("A host that does not respond does not hold up the renewals of another")
    func hangingHost() async throws {
        let tokens = try HangingTokens()
        let clock = TestClocks()
        let refresher = TokenRefresher(tokens, timing: clock.timing) { tenant in
            tenant == tokens.healthy ? .feishu : .lark
        }
        let token = try #require(TenantAccessToken("t-due", expiresAt: clock.now))
        for number in 1...20 { refresher.noteRequest(for: try TenantName("t\(number)"), token) }
        refresher.noteRequest(for: tokens.healthy, token)
        let pass = Task { await refresher.renew() }
        try await eventually { tokens.isHealthyRenewed }
        #expect(tokens.hanging == 8)
        pass.cancel()
        await pass.value
    }

    @Test("A token from the cache is the same response as one that was looked up")
    func cachedIsTheSame() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                let first = try await client.send()
                #expect(first.status == 200)
                for _ in 1...2 {
                    let cached = try await client.send()
                    #expect(cached.body == first.body)
                    #expect(cached.fields == first.fields)
                }
                #expect(fixture.audit.all.count == 3)
            }
        }
    }

    @Test("A token that the platform rejected is invalidated by its text, and a client gets another")
    func rejection() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                let first = try await client.send()
                #expect(first.body.contains("t-cli_acme-1"))
                for text in ["t-other", "t-cli_acme-1", "t-cli_acme-1", "", "a b"] {
                    let answer = try await client.send(
                        "POST", "/v1/tenants/acme/token/reject", body: #"{"tenant_access_token":"\#(text)"}"#)
                    #expect(answer.body == #"{"rejected":true}"#)
                }
                #expect(try await client.send().body.contains("t-cli_acme-2"))
            }
        }
    }

    @Test("A provider that asks a service does what every provider must do")
    func remoteContract() async throws {
        try await withServiceFixture { fixture in
            let timing = Clocks(now: { fixture.clock.now }, sleep: { _ in }, random: { 0 })
            let platform = fixture.platform
            let source = TokenProviderContract.Source(calls: { platform.calls }, hold: { platform.hold() })
            try await LarkClient.withClient(limits: .patient) { client in
                try await fixture.serving { port in
                    let service = ServiceClient(
                        try ServiceAddress("http://127.0.0.1:\(port)"), secret: fixture.secret, client: client,
                        clocks: timing)
                    let tokens = CachingTokenProvider(service: service, clocks: timing)
                    try await TokenProviderContract(
                        tokens, tenant: fixture.acme, source: source, clock: fixture.clock
                    )
                    .holds(unknown: fixture.globex)
                }
            }
        }
    }

    /// Something made inside a closure and used after it.
    private actor Kept<Value: Sendable> {
        private(set) var value: Value?

        func keep(_ value: Value) { self.value = value }
    }

    @Test("Through a service, a client has tokens, rejects them, and goes on with the last one when it is gone")
    func remoteProvider() async throws {
        try await withServiceFixture { fixture in
            let timing = Clocks(now: { fixture.clock.now }, sleep: { _ in }, random: { 0 })
            try await LarkClient.withClient(limits: .patient) { client in
                let kept = Kept<CachingTokenProvider>()
                try await fixture.serving { port in
                    let service = ServiceClient(
                        try ServiceAddress("http://127.0.0.1:\(port)"), secret: fixture.secret, client: client,
                        clocks: timing)
                    let remote = CachingTokenProvider(service: service, clocks: timing)
                    await kept.keep(remote)
                    let first = try await remote.token(for: fixture.acme, goodFor: .seconds(60))
                    #expect(first.secret.revealedText == "t-cli_acme-1")
                    try await remote.reject(first, for: fixture.acme)
                    let second = try await remote.token(for: fixture.acme, goodFor: .seconds(60))
                    #expect(second.secret.revealedText == "t-cli_acme-2")
                    let refusal = await #expect(throws: ServiceRefusal.self) {
                        try await remote.token(for: fixture.globex, goodFor: .zero)
                    }
                    #expect(refusal?.reportType == "unknown_tenant")
                }
                let remote = try #require(await kept.value)
                // The service is gone.
                for left in [7000.0, 1000, 10] {
                    fixture.clock.advance(7200 - left - fixture.clock.now.timeIntervalSince(TestClocks().now))
                    let token = try await remote.token(for: fixture.acme, goodFor: .zero)
                    #expect(token.secret.revealedText == "t-cli_acme-2")
                }
                fixture.clock.advance(11)
                let error = await #expect(throws: LarkError.self) {
                    try await remote.token(for: fixture.acme, goodFor: .zero)
                }
                #expect(error?.kind == .unreachable)
                #expect(error?.remedy?.description.contains("the auth service") == true)
            }
        }
    }

    @Test(
        "Numbers out of range are refused, and the service lives on",
        arguments: [
            #""count":11"#, #""count":-1"#, #""pause_ms":3600001"#, #""pause_ms":-1"#,
            #""unused":[{"instant":-9223372036854775808,"epoch":0}]"#, #""unused":[{"instant":0,"epoch":-1}]"#,
            #""count":1e30"#, #""count":"1""#,
        ])
    func unsoundQuota(_ members: String) async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                let response = try await client.send(
                    "POST", "/v1/tenants/acme/quota", body: "{\"api\":\"im/v1/images\",\(members)}")
                #expect(response.status == 400)
                #expect(response.body.contains(#""type":"bad_request""#), "\(response.body)")
            }
        }
    }

    @Test("A client reads why the service's store cannot be used, and not where it is")
    func brokenStore() async throws {
        try await withServiceFixture { fixture in
            let database = try await DatabaseFile(fixture.store.location.store).open()
            try await database.write { try $0.executeScript("ALTER TABLE token RENAME TO other") }
            try await fixture.routing { client in
                let response = try await client.send()
                #expect(response.status == 500)
                #expect(response.body.contains("store cannot be used: no such table: token"), "\(response.body)")
                #expect(!response.body.contains("store.sqlite"))
            }
        }
    }
}

/// A provider that does not respond, except for one tenant.
private final class HangingTokens: TenantTokenProvider {
    let healthy: TenantName
    private let counts = Mutex((hanging: 0, isHealthyRenewed: false))

    init() throws { healthy = try TenantName("healthy") }

    var hanging: Int { counts.withLock { $0.hanging } }
    var isHealthyRenewed: Bool { counts.withLock { $0.isHealthyRenewed && $0.hanging == 8 } }

    func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
        if tenant == healthy {
            counts.withLock { $0.isHealthyRenewed = true }
        } else {
            counts.withLock { $0.hanging += 1 }
            let (stream, end) = AsyncStream.makeStream(of: Void.self)
            // Iteration ends when the task is cancelled.
            for await _ in stream {}
            end.finish()
        }
        throw CancellationError()
    }

    func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws -> RejectionResult { .accepted }
}
