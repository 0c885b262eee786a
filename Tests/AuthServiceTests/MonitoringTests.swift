import AuthServiceClient
import FoundationEssentials
import LarkAPI
import NIOCore
import SystemPackage
import TestSupport
import Testing
import TokenStore

@testable import AuthService

@Suite("What the service says about itself", .timeLimit(.minutes(5)))
struct MonitoringTests {
    @Test("The service is not ready once the file of its store was replaced, and serves nothing from it")
    func replacedStore() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                let before = try await client.send("GET", "/readyz", body: nil)
                #expect(before.status == 200)
                let store = fixture.folder.appending("store.sqlite")
                try FileManager.default.moveItem(atPath: store.string, toPath: store.string + ".old")
                try FileManager.default.copyItem(atPath: store.string + ".old", toPath: store.string)
                fixture.clock.advance(1)
                #expect(try await client.send("GET", "/readyz", body: nil).status == 503)
                #expect(throws: StoreError.self) { try fixture.store.checkIdentity() }
            }
        }
    }

    @Test("The state of tenants is read for the client's own only, and once a second")
    func states() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                let before = try await client.send("GET", "/v1/tenants", body: nil)
                #expect(before.body.contains(#""token":"none""#))
                _ = try await client.send()
                #expect(try await client.send("GET", "/v1/tenants", body: nil).body == before.body)
                fixture.clock.advance(1)
                let after = try await client.send("GET", "/v1/tenants", body: nil)
                #expect(after.body.contains(#""token":"fresh""#))
            }
        }
    }

    @Test("A client sees no counters of other clients")
    func counters() async throws {
        let metrics = ServiceMetrics()
        metrics.recordPlatformRequest("app", error: nil)
        metrics.recordEvent(isAccepted: true)
        metrics.recordRequest("/v1/tenants/{name}/token", status: 200, seconds: 0.1)
        let hidden = [
            "larkimg_requests_total", "larkimg_request_duration_seconds", "larkimg_connections",
            "larkimg_platform_requests_total", "larkimg_events_total",
        ]
        let (own, all) = (
            metrics.text(tenants: [], connections: nil, at: TestClocks().now),
            metrics.text(tenants: [], connections: 3, at: TestClocks().now)
        )
        for name in hidden {
            #expect(!own.contains(name))
            #expect(all.contains("\n\(name)"))
        }
        #expect(own.contains(#"",pid="\#(ProcessInfo.processInfo.processIdentifier)"} 1"#), "which replica this is")
    }

    @Test("Tenants whose names differ only in their Unicode normalization are counted apart")
    func normalization() throws {
        let metrics = ServiceMetrics()
        let names = ["\u{E9}", "e\u{301}"]
        metrics.recordToken(of: try TenantName(names[0]), result: "given")
        let states = names.map { name in
            TenantState(
                tenant: name, host: "h", appId: "a", token: .none, quota: "",
                quotaUsed: .init(images: 0, messageResources: 0))
        }
        func tokens(_ states: [TenantState]) -> Int {
            metrics.text(tenants: states, connections: nil, at: TestClocks().now)
                .split(separator: "\n").count { $0.hasPrefix("larkimg_tokens_total{") }
        }
        #expect(tokens([states[0]]) == 1)
        #expect(tokens([states[1]]) == 0)
    }
}
