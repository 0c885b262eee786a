import LarkAPI
import Synchronization

/// A provider that keeps one token until it is rejected, and counts what it is asked.
final class CountingTokenProvider: TenantTokenProvider {
    private struct State {
        var token: TenantAccessToken?
        var issued = 0
        var rejected: [TenantAccessToken] = []
        var minima: Set<Duration> = []
    }

    let tenant: TenantName
    private let issue: @Sendable () async throws -> TenantAccessToken
    private let state = Mutex(State())

    init(tenant: TenantName, issue: @escaping @Sendable () async throws -> TenantAccessToken) {
        self.tenant = tenant
        self.issue = issue
    }

    /// How many tokens it got from the platform.
    var issued: Int { state.withLock { $0.issued } }
    /// The tokens it was told are refused.
    var rejected: [TenantAccessToken] { state.withLock { $0.rejected } }
    /// How long tokens were asked to live.
    var minima: Set<Duration> { state.withLock { $0.minima } }
    /// The token it would hand out now.
    var current: TenantAccessToken? { state.withLock { $0.token } }

    func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
        let kept = state.withLock { state in
            state.minima.insert(minimum)
            return tenant == self.tenant ? state.token : nil
        }
        if let kept { return kept }
        let token = try await issue()
        state.withLock { state in
            state.issued += 1
            state.token = token
        }
        return token
    }

    func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws -> RejectionResult {
        state.withLock { state in
            state.rejected.append(token)
            if state.token == token { state.token = nil }
        }
        return .accepted
    }
}
