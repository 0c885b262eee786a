import LarkAPI
import LarkEmulator
import TestSupport
import Testing

@Suite("Answers to a request for a token that are meant to harm, or make no sense", .timeLimit(.minutes(2)))
struct HostileTokenResponseTests {
    /// Asks an emulator whose answers are spoiled, with a client that waits as long as a test says.
    private func error(
        _ actions: Fault.Action..., call: Duration = .seconds(300), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> LarkError {
        let configuration = EmulatorConfiguration(apps: [.custom("cli_a", secret: "canary-secret")])
        let error = try await withEmulator(configuration) { emulator, port in
            var fault = Fault(.tenantAccessTokenInternal, times: .always)
            fault.actions = actions
            emulator.addFault(fault)
            var limits = LarkClient.Limits.patient
            limits.call = call
            return await #expect(throws: LarkError.self, sourceLocation: sourceLocation) {
                try await LarkClient.withClient(limits: limits) { client in
                    try await client.tenantAccessToken(
                        appID: AppID("cli_a"), appSecret: Secret("canary-secret"),
                        host: LarkHost("http://127.0.0.1:\(port)"))
                }
            }
        }
        return try #require(error, sourceLocation: sourceLocation)
    }

    @Test(
        "A number or a text where the other belongs is no token",
        arguments: [
            #"{"code":0,"tenant_access_token":"t-x","expire":1e400}"#,
            #"{"code":0,"tenant_access_token":"t-x","expire":-1e400}"#,
            #"{"code":0,"tenant_access_token":"t-x","expire":NaN}"#,
            #"{"code":0,"tenant_access_token":"t-x","expire":[7200]}"#,
            #"{"code":0,"tenant_access_token":{"a":1},"expire":7200}"#,
            #"{"code":"10014","msg":"app secret invalid"}"#, #"{"code":0,"msg":"ok"}"#, #"[{"code":0}]"#, "null", "0",
            #"{"code":1e400}"#, #"{"code":99999999999999999999}"#, "\u{FEFF}{}",
        ])
    func wrongTypes(_ body: String) async throws {
        let error = try await error(.body(body))
        #expect(error.kind == .badResponse, "\(error)")
        #expect(error.isRetryable)
    }

    @Test("A token in an answer that is an error is not taken")
    func tokenInAnError() async throws {
        let body = #"{"code":10014,"msg":"app secret invalid","tenant_access_token":"t-x","expire":7200}"#
        #expect(try await error(.body(body)).platformCode == 10014)
        let underError = #"{"code":0,"msg":"ok","tenant_access_token":"t-x","expire":7200}"#
        #expect(try await error(.body(underError), .status(500)).kind == .unavailable)
        #expect(try await error(.body(underError), .status(302)).kind == .badResponse)
    }

    @Test("A secret that an answer repeats, whole or in its log id, is in nothing that is shown")
    func echo() async throws {
        let echoed = try await error(
            .error(status: 400, code: 10003, msg: "no such secret: canary-secret", headers: nil))
        let texts = [
            "\(echoed)", "\(String(describing: echoed.remedy))", echoed.summary,
            "\(String(describing: echoed.platformMessage))",
        ]
        #expect(!texts.contains { $0.contains("canary-secret") })
        #expect(echoed.platformMessage == "no such secret: ‹redacted›")
    }

    @Test("A limit is known under either status, and waits an hour at most, a second at least", arguments: [429, 400])
    func limits(_ status: Int) async throws {
        for (reset, wait) in [("52", 52), ("1000000000", 3600), (nil, 1), ("0", 1)] as [(String?, Int)] {
            let error = try await error(.limit(status: status, reset: reset, limit: nil))
            #expect(error.kind == .tryLater)
            #expect(error.retryAfter == .seconds(wait))
        }
    }

    @Test("An answer without end is given up after the first megabyte")
    func endless() async throws {
        let error = try await error(.generatedBody(bytes: 1 << 30), .chunked)
        #expect(error.kind == .badResponse)
        #expect(error.description.contains("1 MiB"))
    }

    @Test("An answer that stops, or comes byte by byte, is given up when the call's time is over")
    func slow() async throws {
        for action in [
            Fault.Action.stall(afterBytes: nil), .stall(afterBytes: 5), .drip(bytes: 1, everySeconds: 0.2),
        ] {
            let error = try await error(action, call: .milliseconds(300))
            #expect(error.kind == .unreachable, "\(error)")
            #expect(error.isRetryable)
        }
    }

    @Test("Packed bytes are not unpacked")
    func packed() async throws {
        #expect(try await error(.header(name: "Content-Encoding", value: "gzip"), .body("x")).kind == .badResponse)
    }
}
