#if PostgreSQL
import FoundationEssentials
import Glibc
import LarkEmulator
import TestSupport
import Testing

@Suite(
    "Hosts of a fleet on a network", .serialized, .timeLimit(.minutes(10)), .onServer,
    .enabled("network namespaces need root") { try await TestNetwork.isAvailable() })
struct FleetNetworkTests {
    /// Runs a body with so many hosts, their database, and a platform that all of them reach.
    private func withHosts(
        _ count: Int, _ change: (inout EmulatorConfiguration) -> Void = { _ in },
        _ body: (CLIHarness, TestNetwork) async throws -> Void
    ) async throws {
        try await TestNetwork.with(hosts: count) { network in
            let servers = try await PostgreSQLPair(
                in: PostgreSQLPair.Network(address: TestNetwork.address, clients: TestNetwork.clients))
            try await withCLI(on: servers.url) {
                $0.host = TestNetwork.address
                change(&$0)
            } _: { cli in
                try await body(cli, network)
            }
        }
    }

    @Test("A host that is cut off serves the tokens it knows, and recovers once it is connected again")
    func cutOff() async throws {
        try await withHosts(1) { cli, network in
            let service = Fleet(cli: cli, replicas: [], socket: cli.socket, secret: nil)
            let ending = try await cli.larkimg(
                "serve", "--socket", cli.socket, "--audit-log", "/dev/null", "--public-host", Fleet.host,
                wrapper: network.wrapper(0)
            ) { pid in
                defer { kill(pid, SIGTERM) }
                try await eventually { cli.isServed }
                let token = try await service.token()
                try await network.setConnected(0, false)
                for _ in 0..<20 { #expect(try await service.token() == token) }
                #expect(try await !service.isReady())
                #expect(try await service.token() == token)
                try await network.setConnected(0, true)
                let connected = ContinuousClock.now
                try await eventually { try await service.isReady() }
                #expect(ContinuousClock.now - connected < .seconds(20))
                #expect(try await service.token() == token)
                #expect(cli.tokenCalls == 1)
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("Three hosts that share a quota are refused one request in a hundred at most, and lose no image")
    func quota() async throws {
        let images = 100 * TestLength.factor
        try await withHosts(3) {
            $0.enforcesQuota = true
            $0.quota = Quota(perSecond: 20, perMinute: 1000)
        } _: { cli, network in
            let update = try await cli.larkimg("tenant", "update", "acme", "--quota", "20/s,1000/m")
            try #require(update.status == 0, "\(update.errors)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for host in 0..<3 {
                    let keys = (0..<images)
                        .map { _ in cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png) }
                    try cli.folder.write(Array(keys.map { "\($0)\n" }.joined().utf8), to: "work/list\(host)")
                    group.addTask {
                        let ending = try await cli.larkimg(
                            "fetch", "--tenant", "acme", "-q", "-i", "list\(host)", "-d", "out",
                            wrapper: network.wrapper(host))
                        #expect(ending.status == 0, "\(ending.errors)")
                    }
                }
                try await group.waitForAll()
            }
            #expect(try cli.folder.names(in: "work/out").count == 3 * images)
            let requests = cli.emulator.journal.filter { $0.api == .imagesGet }
            #expect(requests.count { $0.status != 200 } * 100 <= requests.count)
        }
    }
}
#endif
