import Database
import FoundationEssentials
import HTTPTypes
import LarkAPI
import NIOCore
import Synchronization
import SystemPackage
import TestSupport
import Testing
import TokenStore

@testable import AuthService

@Suite("Who may ask for what", .timeLimit(.minutes(5)))
struct ServiceAccessTests {
    /// A request that is to be refused.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var method = "POST"
        var path = "/v1/tenants/acme/token"
        var body: String? = "{}"
        var fields: [(String, String)] = []
        var missing: Set<String> = []
        let status: Int

        init(
            _ name: String, _ status: Int, method: String = "POST", path: String = "/v1/tenants/acme/token",
            body: String? = "{}", fields: [(String, String)] = [], missing: Set<String> = []
        ) {
            testDescription = name
            self.status = status
            self.method = method
            self.path = path
            self.body = body
            self.fields = fields
            self.missing = missing
        }
    }

    @Test(
        "What no client of ours sends gets no token",
        arguments: [
            Refusal("a Host of another name", 421, fields: [("Host", "evil.example")]),
            Refusal("a Host with another port", 421, fields: [("Host", "127.0.0.1:1")]),
            Refusal("a name that resolves to this machine", 421, fields: [("Host", "127.0.0.1.nip.io")]),
            Refusal("an Origin", 403, fields: [("Origin", "https://evil.example")]),
            Refusal("an Origin of null", 403, fields: [("Origin", "null")]),
            Refusal("a page of another site", 403, fields: [("Sec-Fetch-Site", "cross-site")]),
            Refusal("a page of the same site", 403, fields: [("Sec-Fetch-Site", "same-origin")]),
            Refusal("a proxy", 403, fields: [("X-Forwarded-For", "127.0.0.1")]),
            Refusal("a proxy of the newer kind", 403, fields: [("Forwarded", "for=127.0.0.1")]),
            Refusal("GET", 405, method: "GET", body: nil),
            Refusal("a form", 415, fields: [("Content-Type", "application/x-www-form-urlencoded")]),
            Refusal("plain text", 415, fields: [("Content-Type", "text/plain")]),
            Refusal("no type of content", 415, missing: ["Content-Type"]),
            Refusal("no secret", 401, missing: ["Authorization"]),
            Refusal("another's secret", 401, fields: [("Authorization", "Bearer lkc_0123456789abcdef_0")]),
            Refusal("Basic in place of Bearer", 401, fields: [("Authorization", "Basic cmVwb3J0czp4")]),
            Refusal("an empty secret", 401, fields: [("Authorization", "Bearer ")]),
            Refusal("a tenant of others", 404, path: "/v1/tenants/globex/token"),
            Refusal("a tenant that is not there", 404, path: "/v1/tenants/nobody/token"),
            Refusal("a path that leads elsewhere", 404, path: "/v1/tenants/globex%2F..%2Facme/token"),
            Refusal("a name with a NUL", 404, path: "/v1/tenants/acme%00/token"),
            Refusal("all tenants", 404, path: "/v1/tenants/*/token"),
            Refusal("another address", 404, path: "/v1/tenants/acme/tokens"),
            Refusal("a life that is too long", 400, body: #"{"min_ttl":1801}"#),
            Refusal("a life below zero", 400, body: #"{"min_ttl":-1}"#),
            Refusal("a life that is no number", 400, body: #"{"min_ttl":"300"}"#),
            Refusal("no JSON", 400, body: "{"),
            Refusal("JSON that is deep", 400, body: String(repeating: "[", count: 10_000)),
            Refusal("a large body", 413, body: String(repeating: " ", count: 70_000)),
        ])
    func refused(_ refusal: Refusal) async throws {
        try await withServiceFixture { fixture in
            try await fixture.serving { port in
                // The second time, what can be remembered is.
                for _ in 1...2 {
                    _ = try await fixture.send(to: port)
                    let answer = try await fixture.send(
                        refusal.method, refusal.path, to: port, body: refusal.body, fields: refusal.fields,
                        leavingOut: refusal.missing)
                    #expect(answer.status == refusal.status, "\(answer)")
                    #expect(!answer.body.contains("t-cli"), "\(answer)")
                    #expect(answer.body.contains(#""error":{"#))
                    #expect(answer.fields["Cache-Control"] == "no-store")
                }
            }
        }
    }

    @Test("Each client sees its own tenants alone, and without a list none")
    func ownTenants() async throws {
        try await withServiceFixture { fixture in
            let none = try await fixture.store.addClient(try ClientName("none"), tenants: [], lifetime: nil)
            try await fixture.routing { client in
                let own = try await client.send("GET", "/v1/tenants", body: nil)
                #expect(own.body.contains("acme") && !own.body.contains("globex"))
                let others = try await client.send("GET", "/v1/tenants", body: nil, secret: none.revealedText)
                #expect(others.body == #"{"tenants":[]}"#)
                let metrics = try await client.send("GET", "/metrics", body: nil)
                #expect(metrics.body.contains(#"tenant="acme""#) && !metrics.body.contains("globex"))
            }
        }
    }

    /// How far the parts of a test are.
    private final class Progress: Sendable {
        let isLocked = Mutex(false)
        let reserved = Mutex(0)
    }

    @Test("A quota file that another process has locked holds up requests for quota, and nothing else")
    func lockedQuotaFile() async throws {
        try await withServiceFixture { fixture in
            @Sendable func reserve(_ client: RouterClient) async throws -> Int {
                let body = #"{"api":"im/v1/images","count":1}"#
                return try await client.send("POST", "/v1/tenants/acme/quota", body: body).status
            }
            // Creates the file.
            try await fixture.routing { client in
                let status = try await reserve(client)
                #expect(status == 200)
            }
            let path = fixture.folder.appending("store.sqlite.quota")
            let other = try await DatabaseFile(path, durability: .none, overwritesDeletedRows: false).open()
            let gate = try FileDescriptor.pipe()
            let progress = Progress()
            try await fixture.routing { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await other.write { _ in
                            progress.isLocked.withLock { $0 = true }
                            // Ends when the other side is closed.
                            _ = try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) {
                                try gate.readEnd.read(into: $0)
                            }
                        }
                    }
                    try await eventually { progress.isLocked.withLock { $0 } }
                    for _ in 1...4 {
                        group.addTask {
                            let status = try await reserve(client)
                            #expect(status == 200)
                            progress.reserved.withLock { $0 += 1 }
                        }
                    }
                    for _ in 1...20 { #expect(try await client.send("GET", "/healthz", body: nil).status == 200) }
                    #expect(try await client.send().status == 200)
                    let reservedWhileLocked = progress.reserved.withLock { $0 }
                    #expect(reservedWhileLocked == 0)
                    try gate.writeEnd.close()
                    try await group.waitForAll()
                }
            }
            try gate.readEnd.close()
        }
    }
}
