import LarkAPI
import LarkEmulator
import Synchronization
import TestSupport
import Testing
import TokenStore

@Suite("Requests for tokens", .timeLimit(.minutes(5)))
struct TokenRequestTests {
    /// Counts the time limits of requests, which never run out.
    private final class TimeLimits: Sendable {
        let started = Mutex(0)

        var clocks: Clocks {
            TestClocks { limit in
                if limit == .seconds(12) { self.started.withLock { $0 += 1 } }
                return limit == .seconds(12)
            }
            .timing
        }
    }

    @Test("The time limit of a request begins when it has a connection, however many wait for one")
    func waiting() async throws {
        var connections = LarkClient.Connections()
        connections.perHost = 1
        let limits = TimeLimits()
        try await withEmulator(EmulatorConfiguration(apps: [.custom("cli_a", secret: "s")])) { emulator, port in
            emulator.addFault(Fault(.tenantAccessTokenInternal, .hold))
            let host = try LarkHost("http://127.0.0.1:\(port)")
            let app = AppCredentials(appID: try AppID("cli_a"), appSecret: Secret("s"), host: host)
            try await LarkClient.withClient(limits: .patient, connections: connections) { client in
                let requests = (1...3)
                    .map { _ in Task { try await client.issueToken(.customTenant(app), clocks: limits.clocks) } }
                try await eventually { await client.tokenRequests.waitingCount(host) == 2 }
                await emulator.waitForHeld(count: 1)
                #expect(limits.started.withLock { $0 } == 1)
                emulator.release()
                for request in requests { _ = try await request.value }
                #expect(limits.started.withLock { $0 } == 3)
            }
        }
    }
}
