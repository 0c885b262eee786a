import FoundationEssentials
import Logging
import Synchronization

/// Caches another provider's tokens, for callers that need one thousands of times.
///
/// A token that another process renews or invalidates is noticed when the time to live is over; one that is rejected
/// here is dropped at once. In its last half hour a token is cached for a second at most, since a new one may be
/// there at any moment.
public struct CachingTokenProvider: TenantTokenProvider {
    private struct Contents {
        var tokens = ExpiringCache<TenantName, TenantAccessToken>()
        /// The tenants whose token could not be refreshed a moment ago.
        var failures = ExpiringCache<TenantName, Bool>()
        /// Counts rejections: a token that was on its way meanwhile may be the rejected one and is not cached.
        var rejections = 0
    }

    /// A class, so that copies of a provider share the cache.
    private final class Cache: Sendable {
        let contents = Mutex(Contents())
    }

    /// How long a cached token is served without asking again after a failure.
    private static let cooldown = Duration.seconds(5)
    private static let shortestTimeToLive = Duration.seconds(1)

    private let provider: any TenantTokenProvider
    /// Asked while a cached token is still valid; nil if failures are never covered by one.
    private let refresher: (any TenantTokenProvider)?
    /// How long a caller that has a valid token waits for the refresher; nil for as long as it takes.
    private let refreshTimeout: Duration?
    private let timeToLive: Duration
    private let clocks: Clocks
    private let cache = Cache()

    /// Caches the tokens of a provider.
    ///
    /// - Parameters:
    ///   - provider: where tokens come from.
    ///   - timeToLive: how long a token is served before the provider is asked again.
    ///   - servesStaleOnFailure: whether to serve the last token, as long as it is valid, when the provider fails with
    ///     a transient error. The provider is then left alone for five seconds.
    ///   - clocks: the clock.
    public init(
        _ provider: any TenantTokenProvider, timeToLive: Duration = .seconds(1), servesStaleOnFailure: Bool = false,
        clocks: Clocks = .system
    ) {
        self.init(
            provider, refresher: servesStaleOnFailure ? provider : nil, timeToLive: timeToLive, clocks: clocks)
    }

    /// Caches the tokens of a provider, and serves a stale token when the refresher fails with a transient error.
    ///
    /// - Parameters:
    ///   - refresher: asked in the provider's place while there is a valid token; it can fail sooner, since no caller
    ///     depends on it.
    ///   - refreshTimeout: how long to wait for it; nil for as long as it takes.
    package init(
        _ provider: any TenantTokenProvider, refresher: (any TenantTokenProvider)?, refreshTimeout: Duration? = nil,
        timeToLive: Duration = .seconds(1), clocks: Clocks
    ) {
        self.provider = provider
        self.refreshTimeout = refreshTimeout
        self.refresher = refresher
        self.timeToLive = timeToLive
        self.clocks = clocks
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
        if let token = cachedToken(for: tenant, goodFor: minimum) { return token }
        guard let refresher, let stale = staleToken(for: tenant, goodFor: minimum) else {
            return try await fetch(from: provider, for: tenant, goodFor: minimum)
        }
        if isCoolingDown(tenant) { return stale }
        do {
            guard let refreshTimeout else { return try await fetch(from: refresher, for: tenant, goodFor: minimum) }
            return try await withWaitLimit(refreshTimeout, clocks: clocks) {
                try await fetch(from: refresher, for: tenant, goodFor: minimum)
            }
        } catch let error where error.isTransient || error is WaitLimitExceeded {
            // The time has moved on, and so may have the token.
            guard let stale = staleToken(for: tenant, goodFor: minimum) else { throw error }
            Logger.current.warning(
                "the token could not be refreshed; the last one is used while it is valid",
                metadata: ["tenant": "\(tenant)", "error": "\(error)"])
            // Counted from now: the attempt may have taken longer than the cooldown.
            let now = clocks.now()
            cache.contents.withLock { $0.failures.insert(true, for: tenant, at: now, timeToLive: Self.cooldown) }
            return stale
        }
    }

    /// The cached token, if it is recent and valid for so long; nil when the provider has to be asked.
    private func cachedToken(for tenant: TenantName, goodFor minimum: Duration) -> TenantAccessToken? {
        let now = clocks.now()
        let token = cache.contents.withLock { $0.tokens.value(for: tenant, at: now) }
        return token.flatMap { $0.isValid(at: now, for: minimum) ? $0 : nil }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    @discardableResult
    public func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws -> RejectionResult {
        drop(token, of: tenant)
        // Again afterwards: until the provider knows, it may hand the token to another caller.
        defer { drop(token, of: tenant) }
        return try await provider.reject(token, for: tenant)
    }

    private func drop(_ token: TenantAccessToken, of tenant: TenantName) {
        cache.contents.withLock { contents in
            // By the text alone: who rejects a token need not know when it expires.
            if contents.tokens.lastValue(for: tenant)?.secret == token.secret {
                contents.tokens.removeValue(for: tenant)
            }
            contents.rejections &+= 1
        }
    }

    private func fetch(
        from provider: any TenantTokenProvider, for tenant: TenantName, goodFor minimum: Duration
    ) async throws -> TenantAccessToken {
        let requestedAt = clocks.now()
        let rejections = cache.contents.withLock { $0.rejections }
        let token = try await provider.token(for: tenant, goodFor: minimum)
        let untilRenewal = token.remaining(at: requestedAt) - TenantAccessToken.renewalWindow
        let timeToLive = min(timeToLive, max(untilRenewal, Self.shortestTimeToLive))
        cache.contents.withLock { contents in
            guard contents.rejections == rejections else { return }
            contents.tokens.insert(token, for: tenant, at: requestedAt, timeToLive: timeToLive)
        }
        return token
    }

    private func staleToken(for tenant: TenantName, goodFor minimum: Duration) -> TenantAccessToken? {
        let token = cache.contents.withLock { $0.tokens.lastValue(for: tenant) }
        return token.flatMap { $0.isValid(at: clocks.now(), for: minimum) ? $0 : nil }
    }

    private func isCoolingDown(_ tenant: TenantName) -> Bool {
        let now = clocks.now()
        return cache.contents.withLock { $0.failures.value(for: tenant, at: now) != nil }
    }
}

extension TenantAccessToken {
    fileprivate func isValid(at now: Date, for minimum: Duration) -> Bool {
        let remaining = remaining(at: now)
        return remaining > .zero && remaining >= minimum
    }
}
