#if PostgreSQL
import FoundationEssentials
import Glibc
import LarkEmulator
import Synchronization
import TestSupport
import Testing

@Suite("A fleet whose database fails", .serialized, .timeLimit(.minutes(10)), .onServer)
struct FleetFailoverTests {
    /// What can happen to the database.
    enum Fault: String, CaseIterable, CustomTestStringConvertible {
        case killedBackends = "its processes are killed"
        case restart = "it restarts after a crash"
        case failOver = "it fails over to the standby"

        var testDescription: String { rawValue }

        func happen(to servers: PostgreSQLPair) async throws {
            switch self {
            case .killedBackends: for backend in try await servers.backends() { kill(backend, SIGKILL) }
            case .restart: try await servers.restart()
            case .failOver: try await servers.failOver()
            }
        }
    }

    /// Registers clients one after another, and remembers those that larkimg said it has registered.
    private final class Registrations: Sendable {
        private let names = Mutex<[String]>([])
        private let stop = StopFlag()

        var acknowledged: [String] { names.withLock { $0 } }

        func run(_ cli: CLIHarness) async throws {
            for number in 1... {
                guard !stop.isSet else { return }
                let ending = try await cli.larkimg("client", "add", "c\(number)", "--tenants", "acme")
                if ending.status == 0 { names.withLock { $0.append("c\(number)") } }
            }
        }

        func end() { stop.set() }

        func more(_ count: Int) async throws {
            let before = acknowledged.count
            try await eventually { acknowledged.count >= before + count }
        }
    }

    @Test(
        "Under load clients get valid tokens all the while, and no secret that was acknowledged is lost",
        arguments: Fault.allCases)
    func underLoad(_ fault: Fault) async throws {
        let servers = try await PostgreSQLPair()
        try await withCLI(on: servers.url) { cli in
            try await cli.withFleet { fleet in
                let registrations = Registrations()
                let record = try await FleetLoad.run(fleet) { load in
                    async let ended: Void = registrations.run(cli)
                    try await registrations.more(3)
                    try await load.moreSuccesses(100)
                    try await fault.happen(to: servers)
                    let start = ContinuousClock.now
                    try await registrations.more(2)
                    try await eventually { try await fleet.areReady() }
                    #expect(ContinuousClock.now - start < .seconds(20))
                    try await load.moreSuccesses(100)
                    registrations.end()
                    try await ended
                }
                #expect(record.errors == [])
                #expect(record.tokens.count == 1 && record.expired == 0)
                #expect(cli.tokenCalls == 1)
                let listed = try await cli.larkimg("client", "list", "--json")
                let names = try listed.lines.map { try JSON.object($0)["client"] }
                for name in registrations.acknowledged { #expect(names.contains(.string(name)), "\(listed.text)") }
                #expect(try await cli.larkimg("store", "check").status == 0)
            }
        }
    }
}
#endif
