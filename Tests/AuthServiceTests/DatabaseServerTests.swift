#if PostgreSQL
import Database
import FoundationEssentials
import LarkAPI
import TestSupport
import Testing
import TokenStore

@testable import AuthService

@Suite("A service whose store is on a database server", .timeLimit(.minutes(5)))
struct DatabaseServerTests {
    @Test("While the server is away, known clients get valid tokens until their secrets expire; readiness tells")
    func away() async throws {
        let server = try await PostgreSQLServer.shared
        try await server.psql("CREATE DATABASE away")
        let address = try PostgreSQLAddress("postgres://larkimg@/away?host=\(server.directory)")
        try await withServiceFixture(on: address) { fixture in
            let short = try await fixture.store.rotateSecret(of: fixture.reports, lifetime: .seconds(60))
            try await fixture.routing { client in
                #expect(try await client.send().status == 200)
                #expect(try await client.send(secret: short.revealedText).status == 200)
                let other = try await fixture.store.addClient(
                    ClientName("other"), tenants: [fixture.acme], lifetime: nil)
                try await server.psql("ALTER DATABASE away ALLOW_CONNECTIONS false")
                try await server.psql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'away'")
                fixture.clock.advance(2)
                #expect(try await client.send().status == 200)
                #expect(try await client.send(secret: short.revealedText).status == 200)
                #expect(try await client.send(secret: other.revealedText).status == 503)
                let readiness = try await client.send("GET", "/readyz", body: nil)
                #expect(readiness.status == 503)
                #expect(!readiness.body.contains("\(server.directory)"))
                fixture.clock.advance(60)
                #expect(try await client.send(secret: short.revealedText).status == 401)
                #expect(try await client.send().status == 200)
                try await server.psql("ALTER DATABASE away ALLOW_CONNECTIONS true")
                fixture.clock.advance(2)
                #expect(try await client.send("GET", "/readyz", body: nil).status == 200)
                #expect(try await client.send(secret: other.revealedText).status == 200)
            }
        }
        try await server.psql("DROP DATABASE away WITH (FORCE)")
    }
}
#endif
