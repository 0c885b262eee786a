import AuthServiceClient
import FoundationEssentials
import LarkAPI
import TestSupport
import Testing
import TokenStore

@testable import AuthService

@Suite("Quotas from a service", .timeLimit(.minutes(5)))
struct ServiceQuotaTests {
    @Test("Through a service, a quota holds as it does anywhere else")
    func remoteQuota() async throws {
        for check in [
            { try await $0.keepsToTheRate() }, { try await $0.heedsPauses() }, { try await $0.announcesWaits() },
            { try await $0.endsWhenCancelled() },
        ] as [@Sendable (RateLimiterContract) async throws -> Void] {
            try await withServiceFixture { fixture in
                let rate = try #require(RequestRate(perSecond: 2, perMinute: 5))
                try await fixture.store.setQuota(rate, of: fixture.acme)
                try await LarkClient.withClient(limits: .patient) { client in
                    try await fixture.serving { port in
                        let service = ServiceClient(
                            try ServiceAddress("http://127.0.0.1:\(port)"), secret: fixture.secret, client: client)
                        let quota = PacedRateLimiter(service: service, clocks: fixture.clock.timing)
                        try await check(RateLimiterContract(quota, tenant: fixture.acme, clock: fixture.clock))
                    }
                }
            }
        }
    }

    @Test("A pause that one client reports holds for that client; a second client's report makes it hold for all")
    func pause() async throws {
        try await withServiceFixture { fixture in
            let second = try await fixture.store.addClient(ClientName("second"), tenants: [fixture.acme], lifetime: nil)
            try await fixture.routing { client in
                @Sendable func post(_ body: String, _ secret: Secret) async throws -> QuotaResponse {
                    let response = try await client.send(
                        "POST", "/v1/tenants/acme/quota", body: body, secret: secret.revealedText)
                    try #require(response.status == 200)
                    return try ServiceJSON.decode(QuotaResponse.self, from: response.body.utf8)
                }
                let grant = #"{"api":"im/v1/images","count":1}"#
                _ = try await post(#"{"api":"im/v1/images","pause_ms":3600000}"#, fixture.secret)
                #expect(fixture.audit.all.last?.contains(#""audit":"pause","result":"60000 ms""#) == true)
                #expect(try await post(grant, fixture.secret).pausedMs == 60_000, "a minute at most")
                let other = try await post(grant, second)
                #expect(other.pausedMs == nil && other.instants == [other.now])

                fixture.clock.advance(10)
                _ = try await post(#"{"api":"im/v1/images","pause_ms":20000}"#, second)
                #expect(fixture.audit.all.last?.contains(#""result":"20000 ms for all clients""#) == true)
                let paused = try await post(grant, second)
                #expect(paused.instants == [paused.now + 20_000])
                #expect(try await post(grant, fixture.secret).pausedMs == 50_000)

                fixture.clock.advance(50)
                #expect(try await post(grant, fixture.secret).pausedMs == nil)
                _ = try await post(#"{"api":"im/v1/images","pause_ms":1000}"#, second)
                let alone = try await post(grant, fixture.secret)
                #expect(alone.instants == [alone.now], "a pause that is over confirms nothing")
            }
        }
    }

    @Test("The month's calls are counted by the service, which tells how many are left")
    func month() async throws {
        try await withServiceFixture { fixture in
            try await fixture.store.setMonthQuota(10, of: fixture.acme)
            try await LarkClient.withClient(limits: .patient) { client in
                try await fixture.serving { port in
                    let service = ServiceClient(
                        try ServiceAddress("http://127.0.0.1:\(port)"), secret: fixture.secret, client: client)
                    let quota = PacedRateLimiter(service: service, clocks: fixture.clock.timing, monthReserve: 7)
                    for left in [5, 4, 3] {
                        _ = try await quota.acquire(.imageGet, for: fixture.acme, expecting: left)
                    }
                    let error = await #expect(throws: LarkError.self) {
                        try await quota.acquire(.imageGet, for: fixture.acme, expecting: 2)
                    }
                    #expect(error?.summary.hasPrefix("7 calls are left") == true, "\(String(describing: error))")
                    let state = try await service.state(of: fixture.acme)
                    #expect(state.monthCalls == 3 && state.monthQuota == 10)
                }
            }
        }
    }

    @Test("Without the service a process counts its own requests, and goes on")
    func quotaWithoutService() async throws {
        try await withServiceFixture { fixture in
            try await LarkClient.withClient(limits: .patient) { client in
                let service = ServiceClient(
                    try ServiceAddress("http://127.0.0.1:1"), secret: fixture.secret, client: client)
                let quota = PacedRateLimiter(service: service, clocks: fixture.clock.timing)
                let start = fixture.clock.now
                for left in (1...51).reversed() {
                    _ = try await quota.acquire(.imageGet, for: fixture.acme, expecting: left)
                }
                #expect((1...1.5).contains(fixture.clock.now.timeIntervalSince(start)))
            }
        }
    }
}
