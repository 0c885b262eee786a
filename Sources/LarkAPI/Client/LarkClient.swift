import AsyncHTTPClient
package import FoundationEssentials
import NIOCore
import NIOHTTP1
import Synchronization

/// A client of the platform. Redirects are not followed; every wait and every body is limited.
///
/// The HTTP client and its event loops start with the first request, so that a command that finds its token in the
/// store does not pay for them.
public final class LarkClient: Sendable {
    let limits: Limits
    let clocks: Clocks
    private let connections: Connections
    private let state = Mutex(State())

    private struct State {
        var direct: HTTPClient?
        var proxied: HTTPClient?
        var isClosed = false
    }

    /// Requests for tokens wait here for one of the connections, before their time limit begins.
    package let tokenRequests: ConcurrencyLimit<LarkHost>

    private init(limits: Limits, connections: Connections, clocks: Clocks) {
        self.limits = limits
        self.connections = connections
        self.clocks = clocks
        tokenRequests = ConcurrencyLimit(connections.perHost)
    }

    /// Runs a body with a client, and closes the client's connections afterwards.
    ///
    /// - Throws: what the body throws.
    public static func withClient<Result>(
        limits: Limits = Limits(),
        connections: Connections = Connections(),
        clocks: Clocks = .system,
        _ body: (LarkClient) async throws -> Result
    ) async throws -> Result {
        let client = LarkClient(limits: limits, connections: connections, clocks: clocks)
        do {
            let result = try await body(client)
            try await client.shutDown()
            return result
        } catch {
            // The caller must see the body's error; a client that fails to close does no harm.
            try? await client.shutDown()
            throw error
        }
    }

    /// Sends a request and passes head and body of the response to a closure. The exchange ends with the closure.
    ///
    /// - Parameters:
    ///   - request: what to send.
    ///   - receive: reads the body; if it leaves a part unread, the connection is closed.
    /// - Throws: ``LarkError`` of kind `unreachable` or `badResponse` for faults of the connection; `CancellationError`
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
                head, ResponseBody(response.body, address: request.address, logID: head.logID))
        } catch {
            // A cancelled request fails in several ways; the caller sees one.
            try Task.checkCancellation()
            throw error
        }
    }

    private func execute(_ request: LarkRequest) async throws -> HTTPClientResponse {
        let proxy = connections.proxy.flatMap { $0.applies(to: request.address) ? $0 : nil }
        let client = try httpClient(proxy)
        do {
            return try await client.execute(
                request.httpRequest, deadline: .now() + TimeAmount(limits.connect + limits.idle))
        } catch {
            throw LarkError.request(error, address: request.address, proxy: proxy)
        }
    }

    /// Sends a small request and returns the whole response.
    ///
    /// - Throws: ``LarkError``, of kind `badResponse` if the body is larger; `CancellationError`.
    package func call(
        _ request: LarkRequest, maximumBytes: Int = 1 << 20
    ) async throws -> (head: ResponseHead, body: [UInt8]) {
        try await withDeadline(
            limits.call, clocks: clocks, error: .timeout(host: request.address, limit: limits.call)
        ) {
            try await self.exchange(request) { head, body in
                guard let bytes = try await body.bytes(upTo: maximumBytes) else {
                    throw LarkError(
                        .badResponse,
                        "the response is larger than \(maximumBytes >> 20) MiB",
                        remedy: Remedy("", PlatformAction.checkHost),
                        httpStatus: head.status,
                        logID: head.logID
                    )
                }
                return (head, bytes)
            }
        }
    }

    /// Checks that a host responds.
    ///
    /// - Returns: the time of its clock, to the second; nil if the response does not contain it.
    /// - Throws: ``LarkError`` if it cannot be reached.
    package func ping(_ host: LarkHost) async throws -> Date? {
        try await call(LarkRequest(get: "/open-apis/", at: host.address)).head.date
    }

    /// The HTTP client for a route, created with the first request.
    ///
    /// - Throws: ``ConfigurationError``; `CancellationError` after ``shutDown()``, to a task that outlived
    ///   ``withClient(limits:connections:clocks:_:)``.
    private func httpClient(_ proxy: ProxyConfiguration?) throws -> HTTPClient {
        try state.withLock { state in
            guard !state.isClosed else { throw CancellationError() }
            let route = proxy == nil ? \State.direct : \State.proxied
            if let client = state[keyPath: route] { return client }
            let client = HTTPClient(
                eventLoopGroup: HTTPClient.defaultEventLoopGroup,
                configuration: try connections.httpConfiguration(limits, proxy: proxy))
            state[keyPath: route] = client
            return client
        }
    }

    private func shutDown() async throws {
        let clients = state.withLock { state in
            defer { state = State(isClosed: true) }
            return [state.direct, state.proxied].compactMap(\.self)
        }
        for client in clients { try await client.shutdown() }
    }
}
