import FoundationEssentials
public import LarkAPI
import Logging
import Synchronization

/// Tokens from an auth service.
///
/// A token with more than half an hour left is asked for again after half a minute, others each time. Where the service is
/// gone, what it gave before serves for as long as it is good, and the service is left alone for five seconds.
public struct RemoteTokenProvider: TenantTokenProvider {
    private struct Memory {
        var token: TenantAccessToken?
        var askedAt = Date.distantPast
        /// When the service could not be asked.
        var unavailableSince = Date.distantPast
        /// Not handed out again, whoever asked for it before it was rejected.
        var rejected: Secret?
    }

    /// The table, apart from the provider, since a provider may be copied.
    private final class Table: Sendable {
        let memories = Mutex<[TenantName: Memory]>([:])
    }

    private static let span = 30.0
    private static let freshness = Duration.seconds(30 * 60)
    /// After a service that could not be reached, in seconds.
    private static let pause = 5.0
    /// How long a ticket of a store app is waited for: it was seen to come two minutes later.
    private static let ticketPatience = Duration.seconds(150)
    private static let longestWait = Duration.seconds(10)

    private let service: ServiceClient
    private let timing: Clocks
    private let table = Table()

    /// Asks this service.
    public init(_ service: ServiceClient, timing: Clocks = .system) {
        self.service = service
        self.timing = timing
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
        let now = timing.now()
        let memory = table.memories.withLock { $0[tenant] } ?? Memory()
        guard let known = memory.token, known.remaining(at: now) > max(minimum, .zero) else {
            return try await ask(for: tenant, goodFor: minimum, retrying: true)
        }
        let isRecent = (0..<Self.span).contains(now.timeIntervalSince(memory.askedAt))
        if isRecent, known.remaining(at: now) > Self.freshness { return known }
        if (0..<Self.pause).contains(now.timeIntervalSince(memory.unavailableSince)) { return known }
        do {
            return try await ask(for: tenant, goodFor: minimum, retrying: false)
        } catch let error where ServiceClient.isTransient(error) {
            return goOn(with: known, of: tenant, after: error)
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws {
        table.memories.withLock { memories in
            if memories[tenant]?.token?.secret == token.secret { memories[tenant]?.token = nil }
            memories[tenant, default: Memory()].rejected = token.secret
        }
        let _: Acknowledgement = try await service.post(
            RejectTokenRequest(token), about: tenant, to: "token/reject", retrying: true, hiding: [token.secret])
    }

    private struct Acknowledgement: Decodable {}

    private func goOn(
        with known: TenantAccessToken, of tenant: TenantName, after error: any Error
    ) -> TenantAccessToken {
        Logger.current.warning(
            "the auth service cannot be asked; the token it gave before serves until it ends",
            metadata: ["tenant": "\(tenant)", "error": "\(error)"])
        // From now: to find out may have taken longer than the pause.
        table.memories.withLock { $0[tenant]?.unavailableSince = timing.now() }
        return known
    }

    private func ask(
        for tenant: TenantName, goodFor minimum: Duration, retrying: Bool
    ) async throws -> TenantAccessToken {
        var waited = Duration.zero
        while true {
            do {
                return try await askOnce(for: tenant, goodFor: minimum, retrying: retrying)
            } catch let error as LarkError {
                guard retrying, error.kind == .tryLater, let wait = error.retryAfter, wait <= Self.longestWait,
                    waited + wait <= Self.ticketPatience
                else { throw error }
                if waited == .zero {
                    Logger.current.warning(
                        "the auth service has no token yet",
                        metadata: [
                            "tenant": "\(tenant)", "error": "\(error)",
                            "waiting for at most": "\(Self.ticketPatience.components.seconds) s",
                        ])
                }
                try await timing.sleep(wait)
                waited += wait
            }
        }
    }

    private func askOnce(
        for tenant: TenantName, goodFor minimum: Duration, retrying: Bool
    ) async throws -> TenantAccessToken {
        let leftAt = timing.now()
        let seconds = min(max(Int(minimum.components.seconds), 0), 1800)
        let report: TokenResponse = try await service.post(
            TokenRequestBody(minTtl: seconds), about: tenant, to: "token", retrying: retrying)
        // By what remains, and from when the request left: the two machines' clocks may differ.
        let end = leftAt.addingTimeInterval(Double(min(max(report.expiresIn, 0), 86_400)))
        guard let token = TenantAccessToken(report.tenantAccessToken, expiresAt: end) else {
            throw LarkError(
                .badAnswer, "the answer of \(service.address) holds no usable token",
                remedy: "Check --auth-service: it must be the address of larkimg serve")
        }
        table.memories.withLock { memories in
            guard memories[tenant]?.rejected != token.secret else { return }
            memories[tenant, default: Memory()].token = token
            memories[tenant]?.askedAt = leftAt
        }
        return token
    }
}
