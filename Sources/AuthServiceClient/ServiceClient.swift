import FoundationEssentials
public import LarkAPI

/// An auth service, as those see it who ask it for something.
public struct ServiceClient: Sendable {
    /// Where it answers.
    public let address: ServiceAddress

    private let secret: Secret?
    private let client: LarkClient
    private let timing: Clocks

    /// A service that was restarted is there again within a second or two.
    private static let retryPolicy = Backoff(
        tries: 9, base: .milliseconds(100), cap: .seconds(2), patience: .seconds(5))
    private static let once = Backoff(tries: 1, base: .zero, cap: .zero, patience: .zero)

    /// Takes an address and what it takes to be let in.
    ///
    /// - Parameters:
    ///   - address: where the service answers.
    ///   - secret: what `larkimg client add` printed; nil for a socket.
    ///   - client: sends the requests; best one of the service's own.
    ///   - timing: the waits between tries.
    public init(_ address: ServiceAddress, secret: Secret?, client: LarkClient, timing: Clocks = .system) {
        self.address = address
        self.secret = secret
        self.client = client
        self.timing = timing
    }

    /// How a tenant stands.
    ///
    /// - Throws: as ``send(_:to:retrying:)``.
    package func state(of tenant: TenantName) async throws -> TenantState {
        try await call(
            LarkRequest(get: Self.path(tenant), host: address.host, bearer: secret), retrying: true)
    }

    /// Posts a body about a tenant.
    ///
    /// - Parameters:
    ///   - body: becomes JSON.
    ///   - tenant: whom it is about.
    ///   - what: the last part of the path.
    ///   - retrying: whether to try again and again for some seconds when the service cannot be reached.
    /// - Throws: ``LarkError`` for what the platform said, and for a service that cannot be reached; ``ServiceRefusal``.
    func post<Answer: Decodable & Sendable>(
        _ body: some Encodable, about tenant: TenantName, to what: String, retrying: Bool, hiding secrets: [Secret] = []
    ) async throws -> Answer {
        try await call(
            LarkRequest(
                post: "\(Self.path(tenant))/\(what)", host: address.host, json: Array(try ServiceJSON.encode(body)),
                secrets: secrets, bearer: secret),
            retrying: retrying)
    }

    private func call<Answer: Decodable & Sendable>(_ request: LarkRequest, retrying: Bool) async throws -> Answer {
        let (head, body) = try await (retrying ? Self.retryPolicy : Self.once)
            .run(timing: timing) { _ in
                do {
                    return try await client.call(request)
                } catch let error as LarkError where error.isRetryable {
                    throw error.withRemedy("Check that larkimg serve runs there, and --auth-service")
                }
            }
        guard head.status == 200 else { throw head.serviceError(body, address: address) }
        do {
            return try ServiceJSON.decode(Answer.self, from: body)
        } catch {
            throw LarkError(
                .badAnswer, "\(address) does not answer as an auth service does",
                remedy: "Check --auth-service: it must be the address of larkimg serve", underlying: error)
        }
    }

    private static func path(_ tenant: TenantName) -> String {
        "/v1/tenants/\(PercentEncoding.text(tenant.text.utf8))"
    }
}
