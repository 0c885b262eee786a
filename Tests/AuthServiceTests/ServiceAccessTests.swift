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

    @Test(
        "A secret that was removed, replaced or has ended opens nothing a second later; the one before the newest does")
    func secretsEnd() async throws {
        try await withServiceFixture { fixture in
            let access = ClientAuthenticator(store: fixture.store, timing: fixture.clock.timing)
            func opens(_ secret: Secret) async throws -> Bool {
                fixture.clock.advance(61)
                do {
                    _ = try await access.client("Bearer \(secret.revealedText)", from: "::1", acceptsBasic: false)
                    return true
                } catch is ServiceError {
                    return false
                }
            }
            let second = try await fixture.store.rotateSecret(of: fixture.reports, lifetime: .seconds(3600))
            #expect(try await opens(fixture.secret))
            #expect(try await opens(second))
            try await fixture.store.endOldSecret(of: fixture.reports)
            #expect(try await !opens(fixture.secret))
            #expect(try await opens(second))
            let third = try await fixture.store.rotateSecret(of: fixture.reports, lifetime: nil)
            let fourth = try await fixture.store.rotateSecret(of: fixture.reports, lifetime: nil)
            #expect(try await !opens(second))
            #expect(try await opens(third))
            fixture.clock.advance(4000)
            #expect(try await opens(fourth))
            try await fixture.store.removeClient(fixture.reports)
            #expect(try await !opens(fourth))
        }
    }

    @Test("After ten wrong secrets an address gets 429 for a minute, but a valid secret is always accepted")
    func lockout() async throws {
        try await withServiceFixture { fixture in
            let access = ClientAuthenticator(store: fixture.store, timing: fixture.clock.timing)
            func status(_ secret: String, from address: String = "10.0.0.1") async throws -> Int {
                do {
                    _ = try await access.client("Bearer \(secret)", from: address, acceptsBasic: false)
                    return 200
                } catch let error as ServiceError {
                    return error.status.code
                }
            }
            let good = fixture.secret.revealedText
            let almost = String(good.dropLast()) + (good.hasSuffix("0") ? "1" : "0")
            let first = try await status("wrong")
            #expect(first == 401)
            for _ in 2...10 { #expect(try await status("wrong") == 401) }
            for wrong in ["wrong", "lkc_0123456789abcdef_\(String(repeating: "0", count: 64))", almost] {
                #expect(try await status(wrong) == 429)
                #expect(try await status(wrong, from: "10.0.0.2") == 401)
            }
            for _ in 1...3 {
                #expect(try await status(good) == 200)
                fixture.clock.advance(2)
            }
            #expect(try await status("wrong") == 429)
            fixture.clock.advance(60)
            #expect(try await status("wrong") == 401)
        }
    }

    @Test("A lockout ends a minute after the oldest of its ten failures, as Retry-After says")
    func lockoutEnds() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                for _ in 1...10 {
                    #expect(try await client.send(secret: "wrong").status == 401)
                    fixture.clock.advance(5)
                }
                let refusal = try await client.send(secret: "wrong")
                #expect(refusal.status == 429)
                #expect(refusal.fields["Retry-After"] == "10")
                fixture.clock.advance(10)
                #expect(try await client.send(secret: "wrong").status == 401)
            }
        }
    }

    @Test("An address that is locked out costs the store one read a second, whatever secrets it tries")
    func lockoutReadsOnce() async throws {
        try await withServiceFixture { fixture in
            let access = ClientAuthenticator(store: fixture.store, timing: fixture.clock.timing)
            func opens(_ secret: Secret) async throws -> Bool {
                do {
                    _ = try await access.client("Bearer \(secret.revealedText)", from: "::1", acceptsBasic: false)
                    return true
                } catch is ServiceError {
                    return false
                }
            }
            for _ in 1...11 { #expect(try await !opens(Secret("wrong"))) }
            let unknown = Secret("lkc_0123456789abcdef_\(String(repeating: "0", count: 64))")
            #expect(try await !opens(unknown))
            // Not in what was read within this second.
            let new = try await fixture.store.addClient(try ClientName("new"), tenants: [], lifetime: nil)
            #expect(try await !opens(new))
            fixture.clock.advance(1)
            #expect(try await opens(new))
        }
    }

    @Test("A client that sends more than its rate is told to wait; others are not")
    func rate() async throws {
        try await withServiceFixture { fixture in
            let limiter = ClientRateLimiter(rate: 5, timing: fixture.clock.timing)
            for _ in 1...5 { try limiter.acquire(fixture.client) }
            let error = #expect(throws: ServiceError.self) { try limiter.acquire(fixture.client) }
            #expect(error?.status.code == 429)
            try limiter.acquire(.peer(PeerCredentials(pid: 1, uid: 7, gid: 7)))
            fixture.clock.advance(0.25)
            try limiter.acquire(fixture.client)
            fixture.clock.advance(-3600)
            #expect(throws: ServiceError.self) { try limiter.acquire(fixture.client) }
        }
    }

    @Test("The line in the audit log comes before the token, holds no secret, and without it there is no token")
    func audit() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                #expect(try await client.send().status == 200)
                _ = try await client.send("POST", "/v1/tenants/globex/token")
                let lines = fixture.audit.all
                #expect(lines.count == 2)
                #expect(lines.first?.contains(#""result":"given","tenant":"acme","who":"client reports""#) == true)
                #expect(lines.last?.contains(#""result":"unknown_tenant","tenant":"globex""#) == true)
                #expect(!lines.joined().contains("t-cli") && !lines.joined().contains(fixture.secret.revealedText))
                fixture.audit.fill()
                for _ in 1...2 {
                    let answer = try await client.send()
                    #expect(answer.status == 500)
                    #expect(!answer.body.contains("t-cli"))
                }
            }
        }
    }

    @Test("An audit log that is slow holds up tokens, and nothing else")
    func slowAudit() async throws {
        try await withServiceFixture { fixture in
            let gate = try FileDescriptor.pipe()
            let blocked = Mutex(0)
            let audit = AuditLog { _ in
                blocked.withLock { $0 += 1 }
                // Ends when the other side is closed.
                _ = try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { try gate.readEnd.read(into: $0) }
            }
            try await fixture.routing(audit: audit) { client in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 1...8 { group.addTask { try await client.send().status } }
                    try await eventually { blocked.withLock { $0 } >= 2 }
                    for _ in 1...20 { #expect(try await client.send("GET", "/healthz", body: nil).status == 200) }
                    try gate.writeEnd.close()
                    for try await status in group { #expect(status == 200) }
                }
            }
            try gate.readEnd.close()
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
