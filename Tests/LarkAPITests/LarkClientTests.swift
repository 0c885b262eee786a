import FoundationEssentials
import LarkAPI
import LarkEmulator
import TestSupport
import Testing

@Suite("The client of the platform", .timeLimit(.minutes(1)))
struct LarkClientTests {
    @Test("A client that was closed sends nothing more", arguments: [false, true])
    func closed(_ wasUsed: Bool) async throws {
        try await withEmulator { emulator, port in
            let host = try LarkHost("http://127.0.0.1:\(port)")
            let closed = try await LarkClient.withClient(limits: .patient) { client in
                if wasUsed { _ = try await client.ping(host) }
                return client
            }
            let count = emulator.journal.count
            await #expect(throws: CancellationError.self) { try await closed.ping(host) }
            #expect(emulator.journal.count == count)
        }
    }

    @Test("A request that is cancelled ends with a cancellation")
    func cancelled() async throws {
        try await withEmulator { emulator, port in
            var fault = Fault(.tenantAccessTokenInternal, times: .always)
            fault.actions = [.stall(afterBytes: nil)]
            emulator.addFault(fault)
            let host = try LarkHost("http://127.0.0.1:\(port)")
            try await LarkClient.withClient(limits: .patient) { client in
                let request = Task {
                    try await client.tenantAccessToken(appID: AppID("cli_a"), appSecret: Secret("s"), host: host)
                }
                try await eventually { !emulator.journal.isEmpty }
                request.cancel()
                await #expect(throws: CancellationError.self) { try await request.value }
            }
        }
    }

    @Test("A host that does not answer is named, with the reason")
    func unreachable() async throws {
        let error = await #expect(throws: LarkError.self) {
            try await LarkClient.withClient(limits: .patient) { client in
                try await client.ping(LarkHost("http://127.0.0.1:1"))
            }
        }
        #expect(error?.kind == .unreachable)
        #expect(error?.summary == "http://127.0.0.1:1 cannot be reached: connection refused")
        #expect(error?.isRetryable == true)
    }
}
