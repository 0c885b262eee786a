import LarkEmulator
import Testing

@Suite("Tokens of store apps")
struct StoreTokenTests {
    private func inStoreWorld(_ body: (Emulator, PlatformClient) async throws -> Void) async throws {
        try await withPlatform(
            configured { $0.apps.append(.store("cli_s", secret: "s", installed: ["tenant1", "tenant2"])) },
            body
        )
    }

    private func appToken(_ client: PlatformClient, ticket: String) async throws -> PlatformClient.Reply {
        try await client.post(
            "\(PlatformClient.auth)/app_access_token",
            ["app_id": "cli_s", "app_secret": "s", "app_ticket": .text(ticket)]
        )
    }

    private func tenantToken(
        _ client: PlatformClient,
        _ appToken: String,
        tenantKey: String
    ) async throws -> PlatformClient.Reply {
        try await client.post(
            "\(PlatformClient.auth)/tenant_access_token",
            ["app_access_token": .text(appToken), "tenant_key": .text(tenantKey)]
        )
    }

    @Test("A ticket leads to an app token, and that to a token for each tenant")
    func chain() async throws {
        try await inStoreWorld { emulator, client in
            let ticket = try #require(emulator.appTicket(appID: "cli_s"))
            let app = try await appToken(client, ticket: ticket)
            #expect(app.json?["msg"] == "success")
            let token = try #require(app.json?["app_access_token"]?.string)
            #expect(token.hasPrefix("a-"))
            let first = try await tenantToken(client, token, tenantKey: "tenant1")
            let second = try await tenantToken(client, token, tenantKey: "tenant2")
            #expect(first.json?["expire"] == 7200)
            #expect(first.json?["tenant_access_token"] != second.json?["tenant_access_token"])
            let key = emulator.seedImage(appID: "cli_s", tenantKey: "tenant1", bytes: png())
            let firstText = try #require(first.json?["tenant_access_token"]?.string)
            let secondText = try #require(second.json?["tenant_access_token"]?.string)
            #expect(try await client.image(key, token: firstText).status == 200)
            #expect(try await client.image(key, token: secondText).code == 234008)
        }
    }

    @Test("An unknown ticket is 10012; a switch decides about the previous one")
    func tickets() async throws {
        try await inStoreWorld { emulator, client in
            let old = try #require(emulator.appTicket(appID: "cli_s"))
            let wrong = try await appToken(client, ticket: "nonsense")
            #expect(wrong.status == 200)
            #expect(wrong.code == 10012)
            let credentials: JSONValue = ["app_id": "cli_s", "app_secret": "s"]
            let resend = try await client.post("\(PlatformClient.auth)/app_ticket/resend", credentials)
            #expect(resend.json == ["code": 0, "msg": "success"])
            #expect(emulator.appTicket(appID: "cli_s") != old)
            #expect(try await appToken(client, ticket: old).code == 0)
            emulator.setBehaviour { $0.acceptsPreviousTicket = false }
            #expect(try await appToken(client, ticket: old).code == 10012)
        }
    }

    @Test("Bad app tokens, tenants without the app and custom apps are refused")
    func refusals() async throws {
        try await inStoreWorld { emulator, client in
            let ticket = try #require(emulator.appTicket(appID: "cli_s"))
            let token = try #require(try await appToken(client, ticket: ticket).json?["app_access_token"]?.string)
            #expect(try await tenantToken(client, "a-none", tenantKey: "tenant1").code == 99991664)
            #expect(try await tenantToken(client, token, tenantKey: "tenant9").code == 10013)
            emulator.advanceClock(seconds: 7200)
            #expect(try await tenantToken(client, token, tenantKey: "tenant1").code == 99991664)
            let custom: JSONValue = ["app_id": "cli_a", "app_secret": "s"]
            #expect(try await client.post("\(PlatformClient.auth)/app_ticket/resend", custom).code == 10016)
        }
    }
}
