import AuthServiceClient
import LarkAPI
import TestSupport
import Testing

@Suite("Tokens from an auth service", .timeLimit(.minutes(1)))
struct RemoteTokenProviderTests {
    @Test(
        "A service that cannot be reached is tried nine times, and once where a cached token covers the failure",
        arguments: [(true, 8), (false, 0)])
    func unreachable(_ retries: Bool, _ waits: Int) async throws {
        let clock = TestClocks()
        try await LarkClient.withClient(limits: .patient) { client in
            let service = ServiceClient(
                try ServiceAddress("http://127.0.0.1:1"), secret: nil, client: client, clocks: clock.timing)
            let tokens = RemoteTokenProvider(service, retries: retries, clocks: clock.timing)
            let error = await #expect(throws: LarkError.self) {
                try await tokens.token(for: TenantName("acme"), goodFor: .zero)
            }
            #expect(error?.kind == .unreachable)
            #expect(error?.remedy?.description.contains("the auth service") == true)
            #expect(clock.waits.count == waits)
        }
    }
}
