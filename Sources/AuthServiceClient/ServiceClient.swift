import FoundationEssentials
public import LarkAPI

/// A client of the auth service.
public struct ServiceClient: Sendable {
    /// Where the service listens.
    public let address: ServiceAddress

    private let secret: Secret?
    private let client: LarkClient
    private let timing: Clocks

    /// Long enough for a service that restarts.
    private static let retryPolicy = Backoff(
        tries: 9, base: .milliseconds(100), cap: .seconds(2), patience: .seconds(5))
    private static let once = Backoff(tries: 1, base: .zero, cap: .zero, patience: .zero)

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - address: where the service listens.
    ///   - secret: the client secret that `larkimg client add` printed; nil for a socket.
    ///   - client: sends the requests; best one of its own, since the service's certificates differ from the platform's.
    ///   - timing: the waits between attempts.
    public init(_ address: ServiceAddress, secret: Secret?, client: LarkClient, timing: Clocks = .system) {
        self.address = address
        self.secret = secret
        self.client = client
        self.timing = timing
    }

    /// Returns the state of a tenant.
    ///
    /// - Throws: as ``post(_:about:to:retrying:hiding:)``.
    package func state(of tenant: TenantName) async throws -> TenantState {
        try await call(
            LarkRequest(get: Self.path(tenant), host: address.host, bearer: secret), retrying: true)
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
                post: "\(Self.path(tenant))/\(what)", host: address.host, json: Array(try ServiceJSON.encode(body)),
                secrets: secrets, bearer: secret),
            retrying: retrying)
    }

    private func call<Response: Decodable & Sendable>(_ request: LarkRequest, retrying: Bool) async throws -> Response {
        let (head, body) = try await (retrying ? Self.retryPolicy : Self.once)
            .run(timing: timing) { _ in
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
                .badAnswer, "\(address) does not answer as an auth service does",
                remedy: Remedy("", PlatformAction.checkServiceAddress), underlying: error)
        }
    }

    private static func path(_ tenant: TenantName) -> String {
        "/v1/tenants/\(PercentEncoding.text(tenant.text.utf8))"
    }
}
