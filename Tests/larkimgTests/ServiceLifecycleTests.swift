import FoundationEssentials
import Glibc
import LarkEmulator
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite("Services that end, and what their clients notice of it", .serialized, .timeLimit(.minutes(30)))
struct ServiceLifecycleTests {
    private static let tenants = ["acme", "bell", "cord", "dell"]

    /// A cli with four tenants, each with an app of its own.
    private func withTenants(_ body: (CLIHarness) async throws -> Void) async throws {
        try await withCLI {
            $0.apps += Self.tenants.map { .custom("cli_\($0)", secret: CLIHarness.secret) }
        } _: { cli in
            for name in Self.tenants.dropFirst() { try await cli.addTenant(name, appID: "cli_\(name)") }
            try await body(cli)
        }
    }

    /// Asks the service for a token of each tenant, so that none has to be renewed.
    private func renewAll(at cli: CLIHarness) async throws {
        for tenant in Self.tenants {
            let request = RawRequest.token(tenant).last
            let capture = try await RawConnection.exchange(request.bytes, with: .socket(cli.socket))
            try #require(capture.responses.map(\.status) == [200], "\(tenant): \(capture.text)")
        }
    }

    @Test("Over SIGKILLs of the service no program fails, and each token has its line in the audit log")
    func killed() async throws {
        let rounds = 4 * TestLength.factor
        let programs = Programs()
        try await withTenants { cli in
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { programs.stop() }
                for _ in 1...4 { group.addTask { try await programs.run(asking: Self.tenants, at: cli) } }
                for round in 1...rounds {
                    let killed = try await cli.servingOnSocket(
                        "--audit-log", "audit", "--client-rate", "1000000", signal: SIGKILL
                    ) { _ in
                        try await renewAll(at: cli)
                        // Tokens of another secret are of no use.
                        for tenant in Self.tenants {
                            _ = try await cli.larkimg(
                                "tenant", "update", tenant, "--app-secret-file", "-", "--no-verify",
                                input: CLIHarness.secret)
                        }
                        if round.isMultiple(of: 2) { try await renewAll(at: cli) }
                        let given = programs.given + .random(in: 1...8)
                        try await eventually { programs.given >= given || !programs.errors.isEmpty }
                    }
                    #expect(killed.status == 128 + SIGKILL, "\(killed.errors)")
                }
                let ended = try await cli.servingOnSocket("--audit-log", "audit") { _ in
                    try await renewAll(at: cli)
                    programs.stop()
                    try await eventually { programs.isIdle }
                }
                #expect(ended.status == 0, "\(ended.errors)")
            }
            #expect(programs.errors.isEmpty)
            let audit = String(decoding: try cli.folder.read("work/audit"), as: UTF8.self).split(separator: "\n")
            #expect(audit.count { $0.contains(#""result":"given""#) } >= programs.given)
            // A call whose answer died with the service is made again.
            let interrupted = (rounds + 1) / 2
            #expect(cli.tokenCalls <= Self.tenants.count * (rounds + 1 + interrupted))
            #expect(try await cli.larkimg("store", "check").status == 0)
        }
    }

    @Test("Another service on the socket or the store of a running one is refused, and that one is unharmed")
    func second() async throws {
        try await withCLI { cli in
            let other = [
                "LARKIMG_STORE": cli.folder.appending("other/store.sqlite").string,
                "LARKIMG_KEY_FILE": cli.folder.appending("other/key").string,
            ]
            let added = try await cli.larkimg(
                "tenant", "add", "x", "--app-id", "cli_x", "--app-secret-file", "-", "--no-verify", input: "s",
                extra: other)
            try #require(added.status == 0, "\(added.errors)")
            let ending = try await cli.servingOnSocket { _ in
                for (socket, environment) in [(cli.socket, [:]), (cli.socket, other), (cli.socket + ".2", [:])] {
                    let second = try await cli.larkimg(["serve", "--socket", socket], extra: environment)
                    #expect(second.status != 0)
                    let line = try #require(second.errors.split(separator: "\n").first)
                    #expect(line.contains("running"), "\(line)")
                    let capture = try await RawConnection.exchange(
                        RawRequest.token("acme").last.bytes, with: .socket(cli.socket))
                    #expect(capture.responses.map(\.status) == [200])
                }
            }
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test("Over SIGTERMs no request is broken, not even one that waits for the platform")
    func drained() async throws {
        let count = 1000 * TestLength.factor
        let clients = SteadyClients()
        try await withTenants { cli in
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { clients.stop() }
                for _ in 1...16 { group.addTask { try await clients.run(at: cli) } }
                for tenant in Self.tenants.dropFirst() {
                    let fault = Fault.Match(api: .tenantAccessTokenInternal, appID: "cli_\(tenant)")
                    cli.emulator.addFault(Fault(fault, .hold))
                    // The body itself ends it.
                    let ending = try await cli.servingOnSocket(
                        "--audit-log", "audit", "--client-rate", "1000000", signal: 0
                    ) { service in
                        let answered = clients.answered + count
                        try await eventually { clients.answered >= answered }
                        async let late = RawConnection.open(.socket(cli.socket)) { connection in
                            try await connection.send(RawRequest.token(tenant).bytes)
                            return try await connection.response()
                        }
                        try await eventually { cli.emulator.journal.contains { $0.appID == "cli_\(tenant)" } }
                        kill(service.pid, SIGTERM)
                        try await eventually { !cli.isServed }
                        cli.emulator.release()
                        #expect(try await late.status == 200)
                    }
                    #expect(ending.status == 0, "\(ending.errors)")
                }
                clients.stop()
            }
            #expect(clients.failures == [])
        }
    }
}

/// Programs that ask a service for tokens, one after the other.
private final class Programs: Sendable {
    private struct State {
        var given = 0
        var errors: [String] = []
        var running = 0
        var isStopped = false
    }

    private let state = Mutex(State())

    /// How many printed a token.
    var given: Int { state.withLock { $0.given } }
    /// What those wrote that failed.
    var errors: [String] { state.withLock { $0.errors } }
    /// Whether none runs any more.
    var isIdle: Bool { state.withLock { $0.running == 0 } }

    func stop() { state.withLock { $0.isStopped = true } }

    /// Runs one after the other until they are stopped, from the moment a service is there.
    func run(asking tenants: [String], at cli: CLIHarness) async throws {
        try await eventually { cli.isServed }
        // They know nothing of the store.
        let environment = try cli.environmentWithoutStore()
        state.withLock { $0.running += 1 }
        defer { state.withLock { $0.running -= 1 } }
        while !state.withLock(\.isStopped) {
            let tenant = tenants.randomElement() ?? ""
            let ending = try await cli.larkimg(
                "token", "--tenant", tenant, "--auth-service", "unix://\(cli.socket)", extra: environment)
            state.withLock { state in
                if ending.status == 0 { state.given += 1 } else { state.errors.append(ending.errors) }
            }
        }
    }
}

/// Clients with a connection each, which send a request as soon as the one before is answered.
private final class SteadyClients: Sendable {
    private struct State {
        var answered = 0
        var failures: [String] = []
        var isStopped = false
    }

    private let state = Mutex(State())

    /// How many responses there were, all with the status 200.
    var answered: Int { state.withLock { $0.answered } }
    /// Responses with another status, and requests that were read and not answered.
    var failures: [String] { state.withLock { $0.failures } }
    private var isStopped: Bool { state.withLock(\.isStopped) }

    func stop() { state.withLock { $0.isStopped = true } }

    /// Asks until the clients are stopped, through one service after the other.
    func run(at cli: CLIHarness) async throws {
        while !isStopped {
            do {
                try await RawConnection.open(.socket(cli.socket)) { try await self.ask(on: &$0) }
            } catch {
                // Between two services.
                try await eventually { cli.isServed || self.isStopped }
            }
        }
    }

    private func ask(on connection: inout RawConnection) async throws {
        let request = RawRequest.token("acme").bytes
        while !isStopped {
            try await connection.send(request)
            do {
                let response = try await connection.response()
                state.withLock { state in
                    if response.status == 200 { state.answered += 1 } else { state.failures.append(response.text) }
                }
                if response.isLast { return }
            } catch RawConnection.NoResponse.reset {
                // On a Unix socket this says that the request was not read: it may be sent again.
                return
            } catch {
                state.withLock { $0.failures.append("\(error)") }
                return
            }
        }
    }
}
