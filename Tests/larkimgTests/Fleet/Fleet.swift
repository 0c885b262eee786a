#if PostgreSQL
import AsyncHTTPClient
import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import Synchronization
import SystemPackage
import TestSupport
import Testing

extension Trait where Self == ConditionTrait {
    /// For tests of stores on a server: they need the program with the trait PostgreSQL, beside the tests' own binary.
    static var onServer: ConditionTrait {
        .enabled(
            if: ProcessInfo.processInfo.environment["LARKIMG_TEST_STORE"] == "postgresql", "a program with PostgreSQL")
    }
}

/// Several services on one store, behind a load balancer.
struct Fleet: Sendable {
    /// The name under which clients know the load balancer.
    static let host = "tokens.example"

    let cli: CLIHarness
    let replicas: [CLIHarness.Service]
    /// The socket of the load balancer.
    let socket: String
    /// Of a client that may use all tenants; nil for a user of the socket.
    let secret: String?

    /// The parts of a token's response that tests look at.
    struct Token: Decodable, Hashable {
        let tenantAccessToken: String
        let expiresIn: Int

        private enum CodingKeys: String, CodingKey {
            case tenantAccessToken = "tenant_access_token"
            case expiresIn = "expires_in"
        }
    }

    /// A response that is no token.
    struct NoToken: Error {
        let text: String
    }

    private func request(_ method: String, _ path: String) throws -> HTTPClientRequest {
        let url = try #require(URL(httpURLWithSocketPath: socket, uri: path))
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = HTTPMethod(rawValue: method)
        if let secret { request.headers.add(name: "Authorization", value: "Bearer \(secret)") }
        request.headers.add(name: "Host", value: Self.host)
        return request
    }

    /// Requests a token through the load balancer.
    func token(of tenant: String = "acme", by client: HTTPClient) async throws -> Token {
        var request = try request("POST", "/v1/tenants/\(tenant)/token")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: "{}"))
        let response = try await client.execute(request, timeout: .seconds(60))
        let body = try await response.body.collect(upTo: 1 << 20)
        guard response.status == .ok else { throw NoToken(text: "\(response.status) \(String(buffer: body))") }
        return try JSONDecoder().decode(Token.self, from: Data(body.readableBytesView))
    }
}

extension Fleet {
    /// The replicas that answer through the load balancer, by their process ids.
    func answering() async throws -> Set<Int32> {
        var pids: Set<Int32> = []
        for _ in 0..<12 {
            let text = try await withHTTPClient { client in
                try await client.execute(request("GET", "/metrics"), timeout: .seconds(60)).body.collect(upTo: 1 << 20)
            }
            let line = String(buffer: text).split(separator: "\n").first { $0.hasPrefix("larkimg_replica_info{") }
            let pid = line?.split(separator: "pid=\"").last?.prefix { $0.isNumber }
            if let pid = pid.flatMap({ Int32($0) }) { pids.insert(pid) }
        }
        return pids
    }

    /// Requests the text of a token, as a new client.
    func token() async throws -> String { try await withHTTPClient { try await token(by: $0).tenantAccessToken } }

    /// Whether the replica behind the socket reaches its database.
    func isReady() async throws -> Bool {
        try await withHTTPClient {
            try await $0.execute(request("GET", "/readyz"), timeout: .seconds(60)).status == .ok
        }
    }

    /// Whether all replicas reach their database.
    func areReady() async throws -> Bool {
        for replica in replicas {
            let status = try await withHTTPClient { client in
                var request = HTTPClientRequest(url: "\(replica.url)/readyz")
                request.headers.add(name: "Host", value: Self.host)
                return try await client.execute(request, timeout: .seconds(60)).status
            }
            guard status == .ok else { return false }
        }
        return true
    }
}

/// Clients that request tokens over and over, and what they got.
final class FleetLoad: Sendable {
    struct Record: Sendable {
        var tokens: Set<String> = []
        var expired = 0
        var successes = 0
        var errors: [String] = []
        /// When a client got a token last.
        var lastSuccess = ContinuousClock.now
        /// The longest time in which no client got a token.
        var longestGap = Duration.zero
    }

    private let record = Mutex(Record())
    private let stop = StopFlag()

    var current: Record { record.withLock { $0 } }

    /// Runs a body while clients request tokens.
    ///
    /// - Returns: what they got.
    static func run(
        _ fleet: Fleet, clients: Int = 8, _ body: @Sendable (FleetLoad) async throws -> Void
    ) async throws -> Record {
        let load = FleetLoad()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    try await withHTTPClient { client in
                        while !load.stop.isSet { await load.request(fleet, client) }
                    }
                }
            }
            do {
                try await body(load)
                load.stop.set()
                try await group.waitForAll()
            } catch {
                load.stop.set()
                throw error
            }
        }
        return load.current
    }

    private func request(_ fleet: Fleet, _ client: HTTPClient) async {
        do {
            let token = try await fleet.token(by: client)
            record.withLock { record in
                record.successes += 1
                record.tokens.insert(token.tenantAccessToken)
                if token.expiresIn <= 0 { record.expired += 1 }
                let now = ContinuousClock.now
                record.longestGap = max(record.longestGap, now - record.lastSuccess)
                record.lastSuccess = now
            }
        } catch {
            record.withLock { $0.errors.append("\(error)") }
            // check: allowed, as a program that tries again does
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Returns when the clients have got so many tokens more.
    func moreSuccesses(_ count: Int) async throws {
        let before = current.successes
        try await eventually { self.current.successes >= before + count }
    }
}

/// Runs a body with a client of its own, as another host would have.
func withHTTPClient<Result: Sendable>(
    connections: Int = 8, _ body: (HTTPClient) async throws -> Result
) async throws -> Result {
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
    let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    do {
        let result = try await body(client)
        try await client.shutdown()
        return result
    } catch {
        try? await client.shutdown()
        throw error
    }
}

extension CLIHarness {
    /// Runs three services on the store, with a load balancer before them, while a body uses them.
    func withFleet(_ body: @escaping @Sendable (Fleet) async throws -> Void) async throws {
        let added = try await larkimg("client", "add", "fleet", "--tenants", "acme")
        try #require(added.status == 0, "\(added.errors)")
        try await startReplicas(3, after: []) { replicas in
            try await withLoadBalancer(replicas) { socket in
                try await body(Fleet(cli: self, replicas: replicas, socket: socket, secret: added.lines[0]))
            }
        }
    }

    private func startReplicas(
        _ count: Int, after running: [Service], _ body: @escaping @Sendable ([Service]) async throws -> Void
    ) async throws {
        guard count > 0 else { return try await body(running) }
        // The limit of a client's rate is not what these tests are about.
        _ = try await servingOnPort("--client-rate", "1000000", "--audit-log", "/dev/null", "--public-host", Fleet.host)
        { service, _ in
            try await startReplicas(count - 1, after: running + [service], body)
        }
    }

    /// Runs HAProxy, which passes each connection to a replica that is alive, not only to those whose database is there.
    private func withLoadBalancer(
        _ replicas: [Service], _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        let socket = folder.appending("balancer.sock").string
        let servers = replicas.enumerated()
            .map { "    server replica\($0) \($1.url.dropFirst("http://".count)) check inter 200 fall 2 rise 1" }
        let configuration = """
            defaults
                mode tcp
                timeout connect 1s
                timeout client 120s
                timeout server 120s
                timeout check 2s
                retries 3
                option redispatch
            listen tokens
                bind \(socket)
                option httpchk
                http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host \(Fleet.host)
            \(servers.joined(separator: "\n"))

            """
        let file = try folder.write(Array(configuration.utf8), to: "haproxy.cfg")
        let ending = try await BuiltProgram("/usr/sbin/haproxy")
            .run(["-db", "-f", file.string], environment: [:], in: folder.path) { pid in
                defer { kill(pid, SIGTERM) }
                try await eventually { access(socket, F_OK) == 0 }
                try await body(socket)
            }
        #expect(ending.status == 128 + SIGTERM, "\(ending.errors)")
    }
}
#endif
