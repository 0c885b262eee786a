#if PostgreSQL
import FoundationEssentials
import Glibc
import LarkEmulator
import TestSupport
import Testing

@Suite("Replicas of a service on one database", .serialized, .timeLimit(.minutes(10)), .onServer)
struct FleetReplicaTests {
    @Test("300 clients that need a new token cause one request to the platform, and all get the same token")
    func manyClients() async throws {
        let servers = try await PostgreSQLPair()
        try await withCLI(on: servers.url) { cli in
            let spent = try await cli.larkimg("token", "--tenant", "acme")
            cli.emulator.revokeTokens(appID: CLIHarness.appID)
            let rejected = try await cli.larkimg("token", "--tenant", "acme", "--reject", "-", input: spent.text)
            try #require(rejected.status == 0, "\(rejected.errors)")
            try await cli.withFleet { fleet in
                let tokens = try await withHTTPClient(connections: 300) { client in
                    try await withThrowingTaskGroup(of: Fleet.Token.self) { group in
                        for _ in 0..<300 { group.addTask { try await fleet.token(by: client) } }
                        return try await group.reduce(into: Set<String>()) { $0.insert($1.tenantAccessToken) }
                    }
                }
                #expect(tokens.count == 1 && !tokens.contains(spent.lines[0]))
                #expect(cli.tokenCalls == 2)
                #expect(try await fleet.answering() == Set(fleet.replicas.map(\.pid)), "all replicas took part")
            }
        }
    }

    @Test("A replica that is killed costs its requests in flight, and nothing else")
    func killedReplica() async throws {
        let servers = try await PostgreSQLPair()
        try await withCLI(on: servers.url) { cli in
            try await cli.withFleet { fleet in
                let clients = 8
                let record = try await FleetLoad.run(fleet, clients: clients) { load in
                    try await load.moreSuccesses(100)
                    kill(fleet.replicas[0].pid, SIGKILL)
                    try await eventually { try await fleet.answering().count == 2 }
                    try await load.moreSuccesses(500)
                }
                #expect(record.tokens.count == 1 && record.expired == 0)
                // A client that was connected to it, and one more connection before the load balancer noticed.
                #expect(record.errors.count <= 2 * clients, "\(record.errors)")
                #expect(record.longestGap < .seconds(20))
                #expect(cli.tokenCalls == 1)
            }
        }
    }
}
#endif
