import FoundationEssentials
public import LarkAPI

/// A client of the auth service.
public struct ServiceClient: Sendable {
    /// Where the service listens.
    public let address: ServiceAddress

    private let secret: Secret?
    private let client: LarkClient
    private let clocks: Clocks

    /// Long enough for a service that restarts.
    private static let retryPolicy = Backoff(
        tries: 9, base: .milliseconds(100), cap: .seconds(2), longestWait: .seconds(5))
    private static let once = Backoff(tries: 1, base: .zero, cap: .zero, longestWait: .zero)

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - address: where the service listens.
    ///   - secret: the client secret that `larkimg client add` printed; nil for a socket.
    ///   - client: sends the requests; best one of its own, since the service's certificates differ from the platform's.
    ///   - clocks: the waits between attempts.
    public init(_ address: ServiceAddress, secret: Secret?, client: LarkClient, clocks: Clocks = .system) {
        self.address = address
        self.secret = secret
        self.client = client
        self.clocks = clocks
    }

    /// Returns the state of a tenant.
    ///
    /// - Throws: as ``post(_:about:to:retrying:hiding:)``.
    package func state(of tenant: TenantName) async throws -> TenantState {
        try await call(
            LarkRequest(get: Self.path(tenant), at: address.server, bearer: secret), retrying: true)
    }

    /// Sends a request about a tenant.
    ///
    /// - Parameters:
    ///   - body: sent as JSON.
    ///   - tenant: the tenant.
    ///   - what: the last part of the path.
    ///   - retrying: whether to try again for some seconds while the service cannot be reached.
    ///   - secrets: what the body holds that no message may repeat.
    /// - Throws: ``LarkError`` for an error of the platform and for a service that cannot be reached;
    ///   ``ServiceRefusal`` for an error of the service itself.
    func post<Response: Decodable & Sendable>(
        _ body: some Encodable, about tenant: TenantName, to what: String, retrying: Bool, hiding secrets: [Secret] = []
    ) async throws -> Response {
        try await call(
            LarkRequest(
                post: "\(Self.path(tenant))/\(what)", at: address.server, json: Array(try ServiceJSON.encode(body)),
                secrets: secrets, bearer: secret),
            retrying: retrying)
    }

    private func call<Response: Decodable & Sendable>(_ request: LarkRequest, retrying: Bool) async throws -> Response {
        let (head, body) = try await (retrying ? Self.retryPolicy : Self.once)
            .run(clocks: clocks) { _ in
                do {
                    return try await client.call(request)
                } catch let error as LarkError where error.isRetryable {
                    throw error.withRemedy(
                        Remedy("Check that the service runs there", PlatformAction.checkServiceAddress))
                }
            }
        guard head.status == 200 else { throw head.serviceError(body, address: address) }
        do {
            return try ServiceJSON.decode(Response.self, from: body)
        } catch {
            throw LarkError(
                .badResponse, "\(address) did not respond like an auth service",
                remedy: Remedy("", PlatformAction.checkServiceAddress), underlying: error)
        }
    }

    private static func path(_ tenant: TenantName) -> String {
        "/v1/tenants/\(PercentEncoding.text(tenant.text.utf8))"
    }
}

/// The address of an auth service: `unix:///run/larkimg/larkimg.sock`, or `https://tokens.example.com:8443`.
public struct ServiceAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address as it was given.
    public let description: String

    let server: ServerAddress

    /// Whether it is a Unix socket, whose file permissions decide who may connect, so that no secret is needed.
    package var isSocket: Bool { server.socketPath != nil }

    private static let socketScheme = "unix://"

    /// Reads an address.
    ///
    /// - Throws: ``InvalidValue`` for anything else, and for plain `http` to another machine.
    public init(_ text: String) throws {
        let kind = "address of an auth service"
        let rule = "unix:///PATH, https://HOST:PORT, or http:// to this machine alone"
        let refusal = InvalidValue(word: text, kind: kind, rule: rule)
        description = text
        if text.hasPrefix(Self.socketScheme) {
            let path = String(text.dropFirst(Self.socketScheme.count))
            guard path.hasPrefix("/"), path.utf8.count <= 107, !path.utf8.contains(0) else { throw refusal }
            server = ServerAddress(socketPath: path)
        } else {
            server = try ServerAddress(text, kind: kind, rule: rule)
            guard server.isSecure || server.isLocal else { throw refusal }
        }
    }
}
