import LarkEmulator
import Testing

@Suite("tenant_access_token of custom apps")
struct CustomTokenTests {
    @Test("A new token has two hours and the documented shape")
    func newToken() async throws {
        try await withPlatform { _, client in
            let reply = try await client.askToken()
            #expect(reply.status == 200)
            #expect(reply.header("Content-Type") == "application/json; charset=utf-8")
            #expect(reply.json?["code"] == 0)
            #expect(reply.json?["msg"] == "ok")
            #expect(reply.json?["expire"] == 7200)
            #expect(reply.json?["tenant_access_token"]?.string?.hasPrefix("t-") == true)
            #expect(reply.json?["data"] == nil)
        }
    }

    @Test("With 1800 seconds left the same token comes back")
    func sameToken() async throws {
        try await withPlatform { emulator, client in
            let first = try await client.token()
            emulator.advanceClock(seconds: 5400)
            let reply = try await client.askToken()
            #expect(reply.json?["tenant_access_token"] == .text(first))
            #expect(reply.json?["expire"] == 1800)
        }
    }

    @Test("With 1799 seconds left a new token comes, and the old one lives on until its own end")
    func twoTokens() async throws {
        try await withPlatform { emulator, client in
            let key = emulator.seedImage(appID: "cli_a", bytes: png())
            let first = try await client.token()
            emulator.advanceClock(seconds: 5401)
            let reply = try await client.askToken()
            let second = try #require(reply.json?["tenant_access_token"]?.string)
            #expect(second != first)
            #expect(reply.json?["expire"] == 7200)
            #expect(try await client.image(key, token: first).status == 200)
            #expect(try await client.image(key, token: second).status == 200)
            emulator.advanceClock(seconds: 1798)
            #expect(try await client.image(key, token: first).status == 200)
            emulator.advanceClock(seconds: 1)
            #expect(try await client.image(key, token: first).code == 99991663)
            #expect(try await client.image(key, token: second).status == 200)
        }
    }

    @Test("expire is the remaining time rounded down")
    func roundsDown() async throws {
        try await withPlatform { emulator, client in
            _ = try await client.token()
            emulator.advanceClock(seconds: 10.25)
            #expect(try await client.askToken().json?["expire"] == 7189)
        }
    }

    @Test("A revoked token is refused and not issued again")
    func revoked() async throws {
        try await withPlatform { emulator, client in
            let key = emulator.seedImage(appID: "cli_a", bytes: png())
            let first = try await client.token()
            emulator.revokeTokens(appID: "cli_a")
            let refusal = try await client.image(key, token: first)
            #expect(refusal.status == 400)
            #expect(refusal.code == 99991663)
            #expect(try await client.token() != first)
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var body: String
        var code: Int
        var message: String
    }

    @Test(
        "Refusals come under HTTP 200",
        arguments: [
            Refusal(testDescription: "no body", body: "", code: 10003, message: "invalid param"),
            Refusal(testDescription: "not JSON", body: "app_id=x", code: 10003, message: "invalid param"),
            Refusal(testDescription: "a list", body: "[]", code: 10003, message: "invalid param"),
            Refusal(testDescription: "no secret", body: #"{"app_id":"cli_a"}"#, code: 10003, message: "invalid param"),
            Refusal(
                testDescription: "an app_id with a space",
                body: #"{"app_id":"cli a","app_secret":"s"}"#,
                code: 10003,
                message: "invalid param"
            ),
            Refusal(
                testDescription: "an unknown app",
                body: #"{"app_id":"cli_z","app_secret":"s"}"#,
                code: 10014,
                message: "app id not exists"
            ),
            Refusal(
                testDescription: "a wrong secret",
                body: #"{"app_id":"cli_a","app_secret":"t"}"#,
                code: 10014,
                message: "app secret invalid"
            ),
        ]
    )
    func refusals(_ refusal: Refusal) async throws {
        try await withPlatform { _, client in
            let path = "\(PlatformClient.auth)/tenant_access_token/internal"
            let reply = try await client.send("POST", path, body: Array(refusal.body.utf8))
            #expect(reply.status == 200)
            #expect(reply.code == refusal.code)
            #expect(reply.json?["msg"]?.string == refusal.message)
        }
    }

    @Test("Status and code of a wrong secret are switches")
    func wrongSecretSwitch() async throws {
        try await withPlatform { emulator, client in
            emulator.setBehaviour {
                $0.wrongSecretStatus = 400
                $0.wrongSecretCode = 10015
            }
            let reply = try await client.askToken(secret: "t")
            #expect(reply.status == 400)
            #expect(reply.code == 10015)
        }
    }

    @Test("A disabled app gets no token")
    func disabled() async throws {
        try await withPlatform { emulator, client in
            emulator.setAppEnabled(false, appID: "cli_a")
            let reply = try await client.askToken()
            #expect(reply.code == 10014)
        }
    }

    @Test("app_access_token/internal returns the same token under both names")
    func appAccessToken() async throws {
        try await withPlatform { _, client in
            let tenantToken = try await client.token()
            let reply = try await client.post(
                "\(PlatformClient.auth)/app_access_token/internal/",
                ["app_id": "cli_a", "app_secret": "s"]
            )
            #expect(reply.json?["app_access_token"] == .text(tenantToken))
            #expect(reply.json?["tenant_access_token"] == .text(tenantToken))
        }
    }

    @Test("Wrong methods and wrong paths are 404 in plain text")
    func notFound() async throws {
        try await withPlatform { _, client in
            for (method, path) in [("GET", "/tenant_access_token/internal"), ("POST", "/tenant_access_token/external")]
            {
                let reply = try await client.send(method, PlatformClient.auth + path)
                #expect(reply.status == 404)
                #expect(reply.header("Content-Type") == "text/plain")
                #expect(reply.text == "404 page not found")
            }
        }
    }

    @Test("The OAuth endpoint accepts the right secret and refuses a wrong one")
    func oauth() async throws {
        try await withPlatform { emulator, client in
            let key = emulator.seedImage(appID: "cli_a", bytes: png())
            let good = "grant_type=client_credentials&client_id=cli_a&client_secret=s"
            let reply = try await client.send("POST", "/oauth/v3/token", body: Array(good.utf8))
            #expect(reply.json?["token_type"] == "Bearer")
            #expect(reply.json?["expires_in"] == 7200)
            let token = try #require(reply.json?["access_token"]?.string)
            #expect(token.hasPrefix("eyJ"))
            #expect(try await client.image(key, token: token).status == 200)
            let bad = try await client.send("POST", "/oauth/v3/token", body: Array((good + "x").utf8))
            #expect(bad.status == 400)
            #expect(bad.json?["error"] == "invalid_client")
            #expect(bad.code == 20002)
            emulator.setBehaviour { $0.failsOAuth = true }
            #expect(try await client.send("POST", "/oauth/v3/token", body: Array(good.utf8)).status == 500)
        }
    }
}
