import FoundationEssentials
import Synchronization

/// Remembers another provider's tokens for a second, for those who need one thousands of times.
///
/// What other processes do to a token is noticed a second later; what is rejected here is forgotten at once.
public struct CachingTokenProvider: TenantTokenProvider {
    private struct Memory {
        var token: TenantAccessToken?
        var since = Date.distantPast
        /// Not remembered again, whoever read it before it was rejected. The text alone counts: who rejects a token need
        /// not know how long it would have lived.
        var rejected: Secret?
    }

    /// The table, apart from the provider, since a provider may be copied.
    private final class Table: Sendable {
        let memories = Mutex<[TenantName: Memory]>([:])
    }

    private static let span = 1.0

    private let provider: any TenantTokenProvider
    private let timing: Clocks
    private let table = Table()

    /// Remembers what this provider hands out.
    public init(_ provider: any TenantTokenProvider, timing: Clocks = .system) {
        self.provider = provider
        self.timing = timing
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
        let now = timing.now()
        if let token = remembered(for: tenant, goodFor: minimum, at: now) { return token }
        let token = try await provider.token(for: tenant, goodFor: minimum)
        table.memories.withLock { memories in
            guard memories[tenant]?.rejected != token.secret else { return }
            memories[tenant, default: Memory()].token = token
            memories[tenant]?.since = now
        }
        return token
    }

    /// A token that is remembered and good for so long; nil when the provider has to be asked.
    package func remembered(for tenant: TenantName, goodFor minimum: Duration) -> TenantAccessToken? {
        remembered(for: tenant, goodFor: minimum, at: timing.now())
    }

    private func remembered(
        for tenant: TenantName, goodFor minimum: Duration, at now: Date
    ) -> TenantAccessToken? {
        let known = table.memories.withLock { $0[tenant] }
        guard let known, let token = known.token, (0..<Self.span).contains(now.timeIntervalSince(known.since)),
            token.remaining(at: now) >= minimum
        else { return nil }
        return token
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws {
        table.memories.withLock { memories in
            if memories[tenant]?.token?.secret == token.secret { memories[tenant]?.token = nil }
            memories[tenant, default: Memory()].rejected = token.secret
        }
        try await provider.reject(token, for: tenant)
    }
}
