import FoundationEssentials
import LarkAPI
import LarkEmulator
import TestSupport
import Testing

@Suite("Asking for a token", .timeLimit(.minutes(3)))
struct TokenEndpointTests {
    private let clock = TestClocks()

    /// Asks an emulator with faults; the waits of the client are the machine's own.
    private func ask(
        _ faults: Fault..., secret: String = "s", check: (Emulator) -> Void = { _ in }
    ) async throws -> TenantAccessToken {
        try await withEmulator(EmulatorConfiguration(apps: [.custom("cli_a", secret: "s")])) { emulator, port in
            for fault in faults { emulator.addFault(fault) }
            defer { check(emulator) }
            let timing = Clocks(now: { self.clock.now }, sleep: Clocks.system.sleep, random: { 0 })
            return try await LarkClient.withClient(limits: .patient, clocks: timing) { client in
                try await client.tenantAccessToken(
                    appID: AppID("cli_a"), appSecret: Secret(secret), host: LarkHost("http://127.0.0.1:\(port)"))
            }
        }
    }

    @Test(
        "A life that is none, or a token that is none, is refused",
        arguments: [
            Fault.Action.expire(.integer(0)), .expire(.integer(-1)), .expire(.text("7200")), .expire(.null),
            .expire(.integer(1)), .expire(.integer(59)), .expire(.number(59.9)), .expire(.number(-1e300)),
            .expire(.bool(true)), .expire(.array([.integer(7200)])), .expire(.object([:])), .expire(.text("")),
            .omit("expire"),
            .omit("tenant_access_token"), .token(""), .token("t\r\nX: y"), .token("a b"), .token("t-é"),
            .token(String(repeating: "t", count: 8193)), .member(name: "tenant_access_token", value: .integer(5)),
            .body("<html>"), .body(""), .body("{"), .generatedBody(bytes: 1_100_000),
        ])
    func junk(_ action: Fault.Action) async throws {
        let error = await #expect(throws: LarkError.self) {
            try await ask(Fault(.tenantAccessTokenInternal, times: .always, action))
        }
        #expect(error?.kind == .badResponse, "\(String(describing: error))")
    }

    @Test(
        "A life beyond two hours is cut to two hours",
        arguments: [JSONValue.number(1e12), .number(1e300), .integer(7201)])
    func longLife(_ expire: JSONValue) async throws {
        let token = try await ask(Fault(.tenantAccessTokenInternal, .expire(expire)))
        #expect(token.expiresAt == clock.now.addingTimeInterval(7200))
    }

    @Test("A life of a minute is the shortest that is accepted")
    func shortLife() async throws {
        let token = try await ask(Fault(.tenantAccessTokenInternal, .expire(.integer(60))))
        #expect(token.expiresAt == clock.now.addingTimeInterval(60))
    }

    @Test("A damaged response is an error, or a token that fits into a header and lives two hours at most")
    func damagedResponses() async throws {
        let body = Array(#"{"code":0,"msg":"ok","tenant_access_token":"t-abcdef","expire":7200}"#.utf8)
        // Every byte in turn becomes one that means something in JSON, in HTTP or in UTF-8.
        let damages = body.indices.flatMap { place in
            [UInt8(ascii: "\""), 0, 10, 13, 0xC3, UInt8(ascii: "9"), UInt8(ascii: "-")].map { (place, $0) }
        }
        try await withEmulator(EmulatorConfiguration(apps: [.custom("cli_a", secret: "s")])) { emulator, port in
            try await LarkClient.withClient(limits: .patient) { client in
                for (place, byte) in damages {
                    var damaged = body
                    damaged[place] = byte
                    emulator.addFault(Fault(.tenantAccessTokenInternal, .bytes(damaged)))
                    do {
                        let token = try await client.tenantAccessToken(
                            appID: AppID("cli_a"), appSecret: Secret("s"), host: LarkHost("http://127.0.0.1:\(port)"))
                        #expect((30...7200).contains(token.remaining(at: Clocks.system.now()) / .seconds(1)))
                        #expect(token.secret.revealedText.utf8.allSatisfy { (0x21...0x7E).contains($0) })
                    } catch is LarkError {}
                }
            }
        }
    }

    @Test("A token of 4 KB is taken")
    func longToken() async throws {
        let text = String(repeating: "e", count: 4096)
        #expect(try await ask(Fault(.tenantAccessTokenInternal, .token(text))).secret == Secret(text))
    }

    @Test("The life counts from the instant the request left, not from the answer")
    func lifeFromRequest() async throws {
        try await withEmulator(EmulatorConfiguration(apps: [.custom("cli_a", secret: "s")])) { emulator, port in
            emulator.freezeClock()
            emulator.addFault(Fault(.tenantAccessTokenInternal, .hold))
            let left = clock.now
            let timing = Clocks(now: { self.clock.now }, sleep: Clocks.system.sleep, random: { 0 })
            let token = try await LarkClient.withClient(limits: .patient, clocks: timing) { client in
                async let token = client.tenantAccessToken(
                    appID: AppID("cli_a"), appSecret: Secret("s"), host: LarkHost("http://127.0.0.1:\(port)"))
                await emulator.waitForHeld(count: 1)
                clock.advance(9)
                emulator.release()
                return try await token
            }
            #expect(token.expiresAt == left.addingTimeInterval(7200))
        }
    }

    @Test("A wrong secret is a refusal with the platform's words, the secret not among them")
    func wrongSecret() async throws {
        let error = await #expect(throws: LarkError.self) { try await ask(secret: "canary") }
        #expect(error?.kind == .refused)
        #expect(error?.platformCode == 10014)
        #expect(error?.logID?.count == 34)
        #expect(error?.description.contains("canary") == false)
    }

    @Test("A redirect is not followed: the secret goes nowhere else", arguments: [301, 302, 307, 308])
    func redirect(_ status: Int) async throws {
        try await withEmulator { elsewhere, port in
            let location = "http://127.0.0.1:\(port)/open-apis/auth/v3/tenant_access_token/internal"
            let error = await #expect(throws: LarkError.self) {
                try await ask(Fault(.tenantAccessTokenInternal, .redirect(status: status, location: location)))
            }
            #expect(error?.kind == .badResponse)
            #expect(elsewhere.journal.isEmpty)
        }
    }

    @Test("A server that resets or closes is unreachable, one that is not there too")
    func unreachable() async throws {
        for action in [Fault.Action.reset(afterBytes: nil), .cut(afterBytes: nil)] {
            let error = await #expect(throws: LarkError.self) {
                try await ask(Fault(.tenantAccessTokenInternal, times: .always, action))
            }
            #expect(error?.kind == .unreachable, "\(String(describing: error))")
        }
        let error = await #expect(throws: LarkError.self) {
            try await LarkClient.withClient(limits: .patient) { client in
                try await client.tenantAccessToken(
                    appID: AppID("cli_a"), appSecret: Secret("s"), host: LarkHost("http://127.0.0.1:1"))
            }
        }
        #expect(error?.description == "http://127.0.0.1:1 cannot be reached: connection refused")
    }

    @Test("Header names in lower case carry the same log id")
    func lowerCase() async throws {
        let body = #"{"code":10003,"msg":"invalid param"}"#
        var logID: String?
        let error = await #expect(throws: LarkError.self) {
            try await ask(Fault(.tenantAccessTokenInternal, .body(body), .lowerCaseHeaders)) { emulator in
                logID = emulator.journal.last?.logID
            }
        }
        #expect(error?.logID == logID && logID != nil)
    }
}
