import FoundationEssentials
import LarkAPI
import LarkEmulator
import TestSupport
import Testing

@Suite("Asking for a store app's tokens", .timeLimit(.minutes(3)))
struct StoreAppEndpointTests {
    private func withPlatform(
        _ body: @escaping @Sendable (Emulator, LarkClient, LarkHost) async throws -> Void
    ) async throws {
        let configuration = EmulatorConfiguration(apps: [
            .store("cli_s", secret: "s", installed: ["key1"]), .custom("cli_a", secret: "s"),
        ])
        try await withEmulator(configuration) { emulator, port in
            try await LarkClient.withClient(limits: .patient) { client in
                try await body(emulator, client, LarkHost("http://127.0.0.1:\(port)"))
            }
        }
    }

    @Test("A ticket that is not good is told from other refusals")
    func refusedTicket() async throws {
        try await withPlatform { _, client, host in
            for (secret, ticket, isTicket) in [("s", "stale", true), ("wrong", "stale", false)] {
                let error = await #expect(throws: LarkError.self) {
                    try await client.appAccessToken(
                        appID: AppID("cli_s"), appSecret: Secret(secret), appTicket: Secret(ticket), host: host)
                }
                #expect(error?.isInvalidTicket == isTicket, "\(String(describing: error))")
                #expect(error?.description.contains(ticket) == false)
            }
        }
    }

    @Test("Ticket, app_access_token, tenant_access_token; a tenant that did not install the app gets none")
    func chain() async throws {
        try await withPlatform { emulator, client, host in
            let ticket = try #require(emulator.appTicket(appID: "cli_s"))
            let app = try await client.appAccessToken(
                appID: AppID("cli_s"), appSecret: Secret("s"), appTicket: Secret(ticket), host: host)
            let tenant = try await client.tenantAccessToken(
                tenantKey: TenantKey("key1"), appAccessToken: app, host: host)
            #expect(tenant.secret != app.secret)
            let stranger = await #expect(throws: LarkError.self) {
                try await client.tenantAccessToken(tenantKey: TenantKey("key2"), appAccessToken: app, host: host)
            }
            #expect(stranger?.kind == .refused)
            let dead = TenantAccessToken("a-dead", expiresAt: app.expiresAt)
            let rejected = await #expect(throws: LarkError.self) {
                try await client.tenantAccessToken(
                    tenantKey: TenantKey("key1"), appAccessToken: try #require(dead), host: host)
            }
            #expect(rejected?.rejectsToken == true)
        }
    }

    @Test("A ticket is asked for again with right credentials, and not for a custom app")
    func resend() async throws {
        try await withPlatform { _, client, host in
            try await client.resendAppTicket(appID: AppID("cli_s"), appSecret: Secret("s"), host: host)
            for (app, secret) in [("cli_s", "wrong"), ("cli_a", "s")] {
                let error = await #expect(throws: LarkError.self) {
                    try await client.resendAppTicket(appID: AppID(app), appSecret: Secret(secret), host: host)
                }
                #expect(error?.kind == .refused)
            }
        }
    }
}
