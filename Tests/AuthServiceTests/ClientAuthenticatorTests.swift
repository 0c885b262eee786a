import Database
import HTTPTypes
import LarkAPI
import TestSupport
import Testing
import TokenStore

@testable import AuthService

@Suite("Secrets of clients, and their rate", .timeLimit(.minutes(5)))
struct ClientAuthenticatorTests {
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

    @Test("A client that was changed outside larkimg is refused like an unknown one")
    func changedOutside() async throws {
        try await withServiceFixture { fixture in
            let access = ClientAuthenticator(store: fixture.store, timing: fixture.clock.timing)
            let database = try await DatabaseFile(fixture.store.location.store).open()
            try await database.write {
                try $0.execute("INSERT INTO client_tenant (client, tenant) VALUES ('reports', 'globex')")
            }
            let error = await #expect(throws: ServiceError.self) {
                _ = try await access.client("Bearer \(fixture.secret.revealedText)", from: "::1", acceptsBasic: false)
            }
            #expect(error?.status == .unauthorized)
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
}
