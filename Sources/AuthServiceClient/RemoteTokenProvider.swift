import FoundationEssentials
public import LarkAPI
import Logging

/// Asks an auth service for tokens, with every call.
///
/// Programs use it through `CachingTokenProvider(service:)`.
public struct RemoteTokenProvider: TenantTokenProvider {
    /// How long to wait for a store app's ticket, which was seen to arrive two minutes after it was requested.
    private static let ticketTimeout = Duration.seconds(150)
    private static let longestWait = Duration.seconds(10)

    private let service: ServiceClient
    private let retries: Bool
    private let clocks: Clocks

    /// Asks a service.
    ///
    /// - Parameters:
    ///   - service: where to ask.
    ///   - retries: whether to try again for some seconds while the service cannot be reached, and to wait for a store
    ///     app's ticket.
    ///   - clocks: the clock, and the waits between attempts.
    public init(_ service: ServiceClient, retries: Bool = true, clocks: Clocks = .system) {
        self.service = service
        self.retries = retries
        self.clocks = clocks
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
        var waited = Duration.zero
        while true {
            do {
                return try await requestToken(for: tenant, goodFor: minimum)
            } catch let error as LarkError {
                guard retries, error.kind == .tryLater, let wait = error.retryAfter, wait <= Self.longestWait,
                    waited + wait <= Self.ticketTimeout
                else { throw error }
                if waited == .zero {
                    Logger.current.warning(
                        "the auth service has no token yet, so this process waits",
                        metadata: [
                            "tenant": "\(tenant)", "error": "\(error)",
                            "timeout": "\(Self.ticketTimeout.components.seconds) s",
                        ])
                }
                try await clocks.sleep(wait)
                waited += wait
            }
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    @discardableResult
    public func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws -> RejectionResult {
        let response: RejectTokenResponse = try await service.post(
            RejectTokenRequest(token), about: tenant, to: "token/reject", retrying: true, hiding: [token.secret])
        return response.confirmed == true ? .confirmed : .accepted
    }

    private func requestToken(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
        let requestedAt = clocks.now()
        let seconds = min(max(Int(minimum.components.seconds), 0), 1800)
        let response: TokenResponse = try await service.post(
            TokenRequestBody(minTtl: seconds), about: tenant, to: "token", retrying: retries)
        // From what remains, counted from the request: the clocks of the two machines may differ.
        let expiresAt = requestedAt.addingTimeInterval(Double(min(max(response.expiresIn, 0), 86_400)))
        guard let token = TenantAccessToken(response.tenantAccessToken, expiresAt: expiresAt) else {
            throw LarkError(
                .badResponse, "the response of \(service.address) does not contain a valid token",
                remedy: Remedy("", PlatformAction.checkServiceAddress))
        }
        return token
    }
}

extension CachingTokenProvider {
    /// Caches the tokens of an auth service for half a minute.
    ///
    /// While the service cannot be reached, the last token is served as long as it is valid.
    public init(service: ServiceClient, clocks: Clocks = .system) {
        self.init(
            RemoteTokenProvider(service, clocks: clocks),
            refresher: RemoteTokenProvider(service, retries: false, clocks: clocks), timeToLive: .seconds(30),
            clocks: clocks)
    }
}
