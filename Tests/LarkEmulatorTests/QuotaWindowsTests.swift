import LarkEmulator
import Testing

@Suite("Quotas")
struct QuotaWindowsTests {
    @Test("The window of a second refuses the call too many and opens again with the next second")
    func second() async throws {
        try await withPlatform(
            configured {
                $0.enforcesQuota = true
                $0.quota = Quota(perSecond: 2, perMinute: 100)
            }
        ) { emulator, client in
            let key = emulator.seedImage(appID: "cli_a", bytes: png())
            let token = try await client.token()
            #expect(try await client.image(key, token: token).status == 200)
            #expect(try await client.image(key, token: token).status == 200)
            let refusal = try await client.image(key, token: token)
            #expect(refusal.status == 429)
            #expect(refusal.code == 99991400)
            #expect(refusal.header("x-ogw-ratelimit-limit") == "2")
            #expect(refusal.header("x-ogw-ratelimit-reset") == "1")
            emulator.advanceClock(seconds: 1)
            #expect(try await client.image(key, token: token).status == 200)
        }
    }

    @Test("The window of a minute names the seconds that are left of it")
    func minute() async throws {
        try await withPlatform(
            configured {
                $0.enforcesQuota = true
                $0.quota = Quota(perSecond: 9, perMinute: 1)
            }
        ) { emulator, client in
            let key = emulator.seedImage(appID: "cli_a", bytes: png())
            let token = try await client.token()
            #expect(try await client.image(key, token: token).status == 200)
            let refusal = try await client.image(key, token: token)
            let reset = try #require(refusal.header("x-ogw-ratelimit-reset").flatMap(Int.init))
            #expect((1...60).contains(reset))
            emulator.advanceClock(seconds: Double(reset))
            #expect(try await client.image(key, token: token).status == 200)
        }
    }

    @Test("Apps and APIs are counted apart, and the status is a switch")
    func apart() async throws {
        try await withPlatform(
            configured {
                $0.enforcesQuota = true
                $0.quota = Quota(perSecond: 1, perMinute: 100)
            }
        ) { emulator, client in
            emulator.setBehaviour { $0.quotaStatus = 400 }
            let first = try await client.token("cli_a")
            let second = try await client.token("cli_b")
            #expect(try await client.upload(png(), token: first).code == 0)
            #expect(try await client.upload(png(), token: second).code == 0)
            #expect(try await client.image("img_x", token: first).code == 234001)
            let refusal = try await client.upload(png(), token: first)
            #expect(refusal.status == 400)
            #expect(refusal.code == 99991400)
        }
    }
}
