import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// Calls to the platform: one HTTP request each, redirects off, every wait and every body bounded.
///
/// The HTTP client below it, with its threads, comes into being with the first request, so that a command that finds
/// its token in the store pays nothing for it.
public final class LarkClient: Sendable {
    /// How long things may take.
    public struct Limits: Sendable {
        /// For name, connection and TLS.
        public var connect: Duration = .seconds(10)
        /// For a connection on which nothing comes.
        public var idle: Duration = .seconds(30)
        /// For a small request as a whole, such as one for a token.
        public var call: Duration = .seconds(10)

        /// 10, 30 and 10 seconds.
        public init() {}
    }

    /// How connections are made.
    public struct Connections: Sendable {
        /// The most to one host at a time.
        public var perHost = 8
        /// One HTTP/2 connection in place of many of HTTP/1.1, where the server offers it. At a distance it is the
        /// slower way to get many files: one connection has one window.
        public var usesHTTP2 = false
        /// A PEM file with the certificates to trust, in place of the system's.
        public var trustedCertificates: String?

        /// What is shown to a server that asks for a certificate.
        public var ownCertificate: ClientCertificate?

        /// Eight of HTTP/1.1, trusting whom the system trusts.
        public init() {}
    }

    /// The threads that its connections live on.
    package let threads = EventLoopTaskExecutor(HTTPClient.defaultEventLoopGroup)

    let limits: Limits
    let timing: Clocks
    private let connections: Connections
    private let client = Mutex<HTTPClient?>(nil)

    private init(limits: Limits, connections: Connections, timing: Clocks) {
        self.limits = limits
        self.connections = connections
        self.timing = timing
    }

    /// Gives a client to the body and closes its connections when the body is done.
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
            // The body's error is what the caller must see; a client that will not close can do no more harm.
            try? await lark.shutDown()
            throw error
        }
    }

    /// Sends a request and hands head and body to the receiver; whatever happens, the exchange ends with it.
    ///
    /// - Parameters:
    ///   - request: what to send.
    ///   - receive: reads the body to its end or throws; what it leaves unread is dropped with the connection.
    /// - Throws: ``LarkError`` of kind `unreachable` or `badAnswer` for faults of the connection; what `receive` throws.
    package func exchange<Result>(
        _ request: LarkRequest,
        receive: (ResponseHead, ResponseBody) async throws -> Result
    ) async throws -> Result {
        do {
            let answer = try await httpClient()
                .execute(
                    request.httpRequest,
                    deadline: .now() + TimeAmount(limits.connect + limits.idle)
                )
            let head = ResponseHead(status: Int(answer.status.code), headers: answer.headers, secrets: request.secrets)
            return try await receive(head, ResponseBody(answer.body, host: request.host, logID: head.logID))
        } catch {
            // A cancelled request fails in ways of its own; what the caller did is what it shall hear of.
            try Task.checkCancellation()
            throw LarkError.connection(error, host: request.host) ?? error
        }
    }

    /// Sends a small request and returns the whole answer.
    ///
    /// - Throws: ``LarkError``; of kind `badAnswer` when the body is larger than 1 MiB.
    package func call(_ request: LarkRequest) async throws -> (head: ResponseHead, body: [UInt8]) {
        try await withDeadline(limits.call, timing: timing, error: .timeout(host: request.host, limit: limits.call)) {
            try await self.exchange(request) { head, body in
                guard let bytes = try await body.bytes(upTo: 1 << 20) else {
                    throw LarkError(
                        .badAnswer,
                        "the answer is larger than 1 MiB",
                        remedy: "Check --host: it must be the platform's address",
                        httpStatus: head.status,
                        logID: head.logID
                    )
                }
                return (head, bytes)
            }
        }
    }

    private func httpClient() -> HTTPClient {
        client.withLock { client in
            if let client { return client }
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
            // A refused connection is an answer: we repeat it by our own rules, or not at all.
            configuration.connectionPool.retryConnectionEstablishment = false
            let made = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
            client = made
            return made
        }
    }

    private func shutDown() async throws {
        let client = client.withLock { client in
            defer { client = nil }
            return client
        }
        try await client?.shutdown()
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        self = .milliseconds(
            duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000)
    }
}
