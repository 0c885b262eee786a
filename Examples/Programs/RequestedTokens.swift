import FoundationEssentials
import LarkAPI

/// Tokens from a source of your own, such as a secret manager that issues them.
///
/// It keeps the three promises of ``TenantTokenProvider``: one request serves all that wait, a token is valid for as
/// long as its caller needs it, and a rejected one is not returned again.
actor RequestedTokens: TenantTokenProvider {
    /// Requests a token; returns its text and how long it is valid.
    typealias Request = @Sendable (TenantName) async throws -> (text: String, lifetime: Duration)

    /// The source returned a text that cannot be a token.
    struct UnusableToken: Error {}

    private let request: Request
    private let clocks: Clocks
    private var tokens: [TenantName: TenantAccessToken] = [:]
    private var running: [TenantName: Task<TenantAccessToken, any Error>] = [:]

    init(clocks: Clocks = .system, request: @escaping Request) {
        self.clocks = clocks
        self.request = request
    }

    func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
        if let token = tokens[tenant] {
            let remaining = token.remaining(at: clocks.now())
            if remaining > .zero, remaining >= minimum { return token }
        }
        if let running = running[tenant] { return try await running.value }
        // A task of its own: it goes on for the others when the caller that started it is cancelled.
        let task = Task { try await requestedToken(of: tenant) }
        running[tenant] = task
        defer { running[tenant] = nil }
        return try await task.value
    }

    @discardableResult
    func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws -> RejectionResult {
        if tokens[tenant]?.secret == token.secret { tokens[tenant] = nil }
        return .accepted
    }

    private func requestedToken(of tenant: TenantName) async throws -> TenantAccessToken {
        // The lifetime is counted from here: the response was on its way for a part of it.
        let requestedAt = clocks.now()
        let (text, lifetime) = try await request(tenant)
        let expiresAt = requestedAt.addingTimeInterval(lifetime / .seconds(1))
        guard let token = TenantAccessToken(text, expiresAt: expiresAt) else { throw UnusableToken() }
        tokens[tenant] = token
        return token
    }
}
