import LarkEmulator
import TestSupport
import Testing

@Suite("The gateway before business APIs")
struct GatewayTests {
    @Test("Without a Bearer token it is 99991661", arguments: [nil, "t-x", "Basic t-x", "Bearer "])
    func missing(_ authorization: String?) async throws {
        try await withPlatform { _, client in
            let headers = authorization.map { [("Authorization", $0)] } ?? []
            let reply = try await client.send("GET", "/open-apis/im/v1/images/img_x", headers: headers)
            #expect(reply.status == 400)
            #expect(reply.code == 99991661)
        }
    }

    @Test(
        "The looks of an unknown token decide its code",
        arguments: [("t-x", 99991663), ("eyJx", 99991668), ("u-x", 99991668)])
    func unknown(_ token: String, _ code: Int) async throws {
        try await withPlatform { _, client in
            let reply = try await client.image("img_x", token: token)
            #expect(reply.status == 400)
            #expect(reply.code == code)
        }
    }

    @Test("A bad token is found before a bad key")
    func order() async throws {
        try await withPlatform { _, client in
            let token = try await client.token()
            #expect(try await client.image("%2e%2e", token: "t-x").code == 99991663)
            #expect(try await client.image("%2e%2e", token: token).code == 234001)
        }
    }

    @Test("Stopped apps, foreign addresses and lacking scopes have codes of their own; switches set their status")
    func appState() async throws {
        try await withPlatform { emulator, client in
            let token = try await client.token()
            emulator.setScopes([], appID: "cli_a")
            let scopes = try await client.upload(png(), token: token)
            #expect(scopes.status == 400)
            #expect(scopes.code == 99991672)
            #expect(scopes.json?["error"]?["permission_violations"] != nil)
            emulator.setAllowedIPs(["10.0.0.1"], appID: "cli_a")
            #expect(try await client.upload(png(), token: token).code == 99991401)
            emulator.setAppEnabled(false, appID: "cli_a")
            emulator.setBehaviour { $0.disabledAppStatus = 401 }
            let disabled = try await client.upload(png(), token: token)
            #expect(disabled.status == 401)
            #expect(disabled.code == 99991662)
        }
    }

    @Test("An app that was uninstalled is 99991673")
    func uninstalled() async throws {
        try await withPlatform(configured { $0.apps.append(.store("cli_s", secret: "s", installed: ["tenant1"])) }) {
            emulator, client in
            let ticket = try #require(emulator.appTicket(appID: "cli_s"))
            let app = try await client.post(
                "\(PlatformClient.auth)/app_access_token",
                ["app_id": "cli_s", "app_secret": "s", "app_ticket": .text(ticket)]
            )
            let tenant = try await client.post(
                "\(PlatformClient.auth)/tenant_access_token",
                ["app_access_token": app.json?["app_access_token"] ?? .null, "tenant_key": "tenant1"]
            )
            let token = try #require(tenant.json?["tenant_access_token"]?.string)
            emulator.uninstall(appID: "cli_s", tenantKey: "tenant1")
            #expect(try await client.image("img_x", token: token).code == 99991673)
        }
    }

    @Test("Every response has X-Tt-Logid, and errors repeat it")
    func logID() async throws {
        try await withPlatform { emulator, client in
            let error = try await client.image("img_x", token: "t-x")
            let logID = try #require(error.header("X-Tt-Logid"))
            #expect(logID.count == 34)
            #expect(error.json?["error"]?["log_id"]?.string == logID)
            #expect(emulator.journal.last?.logID == logID)
            let success = try await client.askToken()
            #expect(success.header("X-Tt-Logid") != nil)
        }
    }

    @Test("Header names have the letter case that SDKs look for")
    func letterCase() async throws {
        try await withPlatform(configured { $0.behaviour.contentDisposition = .always }) { emulator, client in
            let key = emulator.seedImage(appID: "cli_a", bytes: png())
            let token = try await client.token()
            let wire = try await RawConnection.get("/open-apis/im/v1/images/\(key)", port: client.port, token: token) {
                $0.contains("\r\n\r\n")
            }
            for name in ["Content-Type", "Content-Disposition", "X-Tt-Logid", "Content-Length", "Date"] {
                #expect(wire.text.contains("\r\n\(name): "))
            }
        }
    }
}
