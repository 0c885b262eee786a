import AsyncHTTPClient
package import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// A client of the platform. Redirects are not followed; every wait and every body is limited.
///
/// The HTTP client and its event loops start with the first request, so that a command that finds its token in the
/// store does not pay for them.
public final class LarkClient: Sendable {
    /// Time limits.
    public struct Limits: Sendable {
        /// For name lookup, connection and TLS handshake.
        public var connect: Duration = .seconds(10)
        /// For a connection on which nothing arrives.
        public var idle: Duration = .seconds(30)
        /// For a small request as a whole, such as one for a token, its response included.
        public var call: Duration = .seconds(10)

        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        public init() {}
    }

    /// How connections are made.
    public struct Connections: Sendable {
        /// The maximum number of connections to one host.
        public var perHost = 8
        /// Whether to use one HTTP/2 connection, where the server offers it, instead of several of HTTP/1.1. Over a
        /// long distance many downloads are slower that way, since they share one connection's flow control.
        public var usesHTTP2 = false
        /// A PEM file with the certificates to trust instead of the system's.
        public var trustedCertificates: String?

        /// The client certificate, for servers that ask for one.
        public var ownCertificate: ClientCertificate?

        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        public init() {}
    }

    /// The event loops of its connections.
    package let threads = EventLoopTaskExecutor()

    let limits: Limits
    let timing: Clocks
    private let connections: Connections
    private let client = Mutex(Client.idle)

    private enum Client {
        case idle
        case open(HTTPClient)
        case closed
    }

    private init(limits: Limits, connections: Connections, timing: Clocks) {
        self.limits = limits
        self.connections = connections
        self.timing = timing
    }

    /// Runs a body with a client, and closes the client's connections afterwards.
    ///
    /// - Throws: what the body throws.
    public static func withClient<Result>(
        limits: Limits = Limits(),
        connections: Connections = Connections(),
        timing: Clocks = .system,
        _ body: (LarkClient) async throws -> Result
    ) async throws -> Result {
        let lark = LarkClient(limits: limits, connections: connections, timing: timing)
        do {
            let result = try await body(lark)
            try await lark.shutDown()
            return result
        } catch {
            // The caller must see the body's error; a client that fails to close does no harm.
            try? await lark.shutDown()
            throw error
        }
    }

    /// Sends a request and passes head and body of the response to a closure. The exchange ends with the closure.
    ///
    /// - Parameters:
    ///   - request: what to send.
    ///   - receive: reads the body; if it leaves a part unread, the connection is closed.
    /// - Throws: ``LarkError`` of kind `unreachable` or `badAnswer` for faults of the connection; `CancellationError`
    ///   if the task was cancelled or the client was closed; what `receive` throws.
    package func exchange<Result>(
        _ request: LarkRequest,
        receive: (ResponseHead, ResponseBody) async throws -> Result
    ) async throws -> Result {
        do {
            let response = try await execute(request)
            let head = ResponseHead(
                status: Int(response.status.code), headers: response.headers, secrets: request.secrets)
            return try await receive(
                head, ResponseBody(response.body, host: request.host, logID: head.logID))
        } catch {
            // A cancelled request fails in several ways; the caller sees one.
            try Task.checkCancellation()
            throw error
        }
    }

    private func execute(_ request: LarkRequest) async throws -> HTTPClientResponse {
        let client = try httpClient()
        do {
            return try await client.execute(
                request.httpRequest, deadline: .now() + TimeAmount(limits.connect + limits.idle))
        } catch {
            throw LarkError.request(error, host: request.host)
        }
    }

    /// Sends a small request and returns the whole response.
    ///
    /// - Throws: ``LarkError``, of kind `badAnswer` if the body is larger than 1 MiB; `CancellationError`.
    package func call(_ request: LarkRequest) async throws -> (head: ResponseHead, body: [UInt8]) {
        try await withDeadline(
            limits.call, timing: timing, error: .timeout(host: request.host, limit: limits.call)
        ) {
            try await self.exchange(request) { head, body in
                guard let bytes = try await body.bytes(upTo: 1 << 20) else {
                    throw LarkError(
                        .badAnswer,
                        "the answer is larger than 1 MiB",
                        remedy: Remedy("", PlatformAction.checkHost),
                        httpStatus: head.status,
                        logID: head.logID
                    )
                }
                return (head, bytes)
            }
        }
    }

    /// Checks that a host answers.
    ///
    /// - Returns: the time of its clock, to the second; nil if it does not say.
    /// - Throws: ``LarkError`` if it cannot be reached.
    package func ping(_ host: LarkHost) async throws -> Date? {
        try await call(LarkRequest(get: "/open-apis/", host: host)).head.date
    }

    /// The HTTP client, made with the first request.
    ///
    /// - Throws: `CancellationError` after ``shutDown()``, to a task that outlived ``withClient(limits:connections:timing:_:)``.
    private func httpClient() throws -> HTTPClient {
        try client.withLock { client in
            switch client {
            case .open(let client): return client
            case .closed: throw CancellationError()
            case .idle: break
            }
            let made = HTTPClient(
                eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
            client = .open(made)
            return made
        }
    }

    private var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(limits.connect), read: TimeAmount(limits.idle))
        )
        configuration.httpVersion = connections.usesHTTP2 ? .automatic : .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections.perHost
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let file = connections.trustedCertificates { tls.trustRoots = .file(file) }
        if let own = connections.ownCertificate {
            tls.certificateChain = own.chain.map { .certificate($0) }
            tls.privateKey = .privateKey(own.key)
        }
        configuration.tlsConfiguration = tls
        // Backoff decides what is repeated, and when.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    private func shutDown() async throws {
        let client = client.withLock { client in
            defer { client = .closed }
            return client
        }
        if case .open(let client) = client { try await client.shutdown() }
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        self = .milliseconds(
            duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000)
    }
}
