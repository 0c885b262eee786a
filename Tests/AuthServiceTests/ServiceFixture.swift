import AsyncHTTPClient
import Database
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import LarkAPI
import NIOCore
import NIOHTTP1
import ServiceLifecycleTestKit
import Synchronization
import SystemPackage
import TestSupport
import Testing
import TokenStore

@testable import AuthService

/// A store with the tenants `acme` and `globex`, the client `reports` that may have `acme`, and a service of it.
struct ServiceFixture: Sendable {
    let folder: TemporaryFolder
    let store: Store
    let clock: TestClocks
    let platform = TestPlatform()
    let audit = AuditLines()
    let secret: Secret

    let acme: TenantName
    let globex: TenantName

    /// A service that takes the fixture's clock, and waits for real.
    func service(_ change: (inout ServiceConfiguration) -> Void = { _ in }, audit: AuditLog? = nil) -> AuthService {
        var configuration = ServiceConfiguration(addresses: [.network(host: "127.0.0.1", port: 0)])
        configuration.clientRate = 1_000_000
        change(&configuration)
        let timing = Clocks(now: { clock.now }, sleep: Clocks.system.sleep, random: { 0.5 })
        return AuthService(
            store: store, endpoint: platform.endpoint(clock), configuration: configuration,
            audit: audit ?? self.audit.log,
            timing: timing)
    }

    var client: Principal { .client(ClientGrant(client: reports, tenants: [acme])) }

    let reports: ClientName
}

/// Runs a body with a fixture.
///
/// - Parameter server: where the store is; nil for a file.
func withServiceFixture(
    clock: TestClocks = TestClocks(), on server: PostgreSQLAddress? = nil,
    _ body: (ServiceFixture) async throws -> Void
) async throws {
    try await withTemporaryFolder { folder in
        let key = folder.appending("key")
        let location =
            server.map { StoreLocation(server: $0, key: key) }
            ?? StoreLocation(store: folder.appending("store.sqlite").string, key: key.string)
        let store = try await Store.open(at: location, mode: .createIfMissing, timing: clock.timing)
        let (acme, globex, reports) = (try TenantName("acme"), try TenantName("globex"), try ClientName("reports"))
        for tenant in [acme, globex] {
            try await store.addTenant(
                tenant,
                app: AppCredentials(appID: try AppID("cli_\(tenant)"), appSecret: Secret("canary-secret"), host: .lark))
        }
        let secret = try await store.addClient(reports, tenants: [acme], lifetime: nil)
        try await body(
            ServiceFixture(
                folder: folder, store: store, clock: clock, secret: secret, acme: acme, globex: globex,
                reports: reports))
    }
}

/// Issues tokens named after the app and the number of the call.
final class TestPlatform: Sendable {
    private let received = TestCalls()

    var calls: Int { received.count }

    func fail(_ error: LarkError?) { received.fail(error) }

    /// Holds the next call until the function that is returned is called.
    func hold() -> @Sendable () -> Void { received.hold() }

    func endpoint(_ clock: TestClocks) -> TokenEndpoint {
        TokenEndpoint { request in
            let number = await self.received.begin()
            try self.received.failIfAsked()
            guard case .customTenant(let app) = request,
                let token = TenantAccessToken("t-\(app.appID)-\(number)", expiresAt: clock.now.addingTimeInterval(7200))
            else { throw LarkError(.badResponse, "the test's token is no token", remedy: "") }
            return token
        } requestTicket: { _ in
        }
    }
}

/// What the audit log was told.
final class AuditLines: Sendable {
    private let lines = Mutex<[String]>([])
    private let isFull = Mutex(false)

    var all: [String] { lines.withLock { $0 } }

    /// Whether every line fails from now on, as on a full disk.
    func fill() { isFull.withLock { $0 = true } }

    var log: AuditLog {
        AuditLog { line in
            if self.isFull.withLock({ $0 }) { throw Errno.noSpace }
            self.lines.withLock { $0.append(line) }
        }
    }
}

/// A response as tests look at it.
struct ReceivedResponse: Sendable {
    let status: Int
    let body: String
    let fields: [String: String]
}

/// Sends requests to the router, without a socket.
struct RouterClient: Sendable {
    fileprivate let client: any TestClientProtocol
    fileprivate let secret: Secret

    /// Sends a request as a client would, with what a test changes.
    func send(
        _ method: String = "POST", _ path: String = "/v1/tenants/acme/token", body: String? = "{}",
        fields: [(String, String)] = [], secret: String? = nil, leavingOut missing: Set<String> = []
    ) async throws -> ReceivedResponse {
        var headers = HTTPFields()
        for (name, value) in usualFields(secret ?? self.secret.revealedText, and: fields, leavingOut: missing) {
            headers[try #require(HTTPField.Name(name))] = value
        }
        return try await client.execute(
            uri: path, method: try #require(HTTPRequest.Method(method)), headers: headers,
            body: body.map { ByteBuffer(string: $0) }
        ) { response in
            ReceivedResponse(
                status: response.status.code, body: String(buffer: response.body),
                fields: Dictionary(
                    response.headers.map { ($0.name.rawName, $0.value) }, uniquingKeysWith: { first, _ in first }))
        }
    }
}

extension AuthService {
    /// The routes, without a server.
    func buildRouter() -> Router<ServiceRequestContext> {
        buildRouter(
            connections: ConnectionRegistry(limit: 1),
            refresher: TokenRefresher(provider, timing: timing) { _ in .lark })
    }
}

/// What every client sends, but for what a test changes.
private func usualFields(
    _ secret: String, and fields: [(String, String)], leavingOut missing: Set<String>
) -> [(String, String)] {
    let usual = [("Content-Type", "application/json"), ("Authorization", "Bearer \(secret)")]
    return usual.filter { name, _ in !missing.contains(name) && !fields.contains { $0.0 == name } } + fields
}

extension ServiceFixture {
    /// Runs a body with a client of the router.
    func routing(
        _ change: (inout ServiceConfiguration) -> Void = { _ in }, audit: AuditLog? = nil,
        _ body: @Sendable (RouterClient) async throws -> Void
    ) async throws {
        try await Application(router: service(change, audit: audit).buildRouter())
            .test(.router) { client in try await body(RouterClient(client: client, secret: secret)) }
    }

    /// Runs a service while a body talks to it.
    func serving(
        _ change: (inout ServiceConfiguration) -> Void = { _ in }, _ body: @Sendable (Int) async throws -> Void
    ) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let service = service(change)
        // Not cancelled: a server that is cancelled drops connections that it has accepted but not yet handled, at which
        // SwiftNIO traps.
        try await testGracefulShutdown { shutdown in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await service.run { port.yield($0 ?? 0) }
                    port.finish()
                }
                for await port in ports {
                    do {
                        try await body(port)
                    } catch {
                        shutdown.triggerGracefulShutdown()
                        throw error
                    }
                    break
                }
                shutdown.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
    }

    /// Sends a request as a client would, with what a test changes.
    func send(
        _ method: String = "POST", _ path: String = "/v1/tenants/acme/token", to port: Int, body: String? = "{}",
        fields: [(String, String)] = [], secret: String? = nil, leavingOut missing: Set<String> = []
    ) async throws -> ReceivedResponse {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = .RAW(value: method)
        for (name, value) in usualFields(secret ?? self.secret.revealedText, and: fields, leavingOut: missing) {
            request.headers.add(name: name, value: value)
        }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let text = String(buffer: try await answer.body.collect(upTo: 1 << 20))
        let headers = Dictionary(answer.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        return ReceivedResponse(status: Int(answer.status.code), body: text, fields: headers)
    }
}
