import FoundationEssentials
import Hummingbird
import LarkAPI
import Synchronization
import TokenStore

/// Limits the requests per second of each principal with a token bucket that holds one second's worth.
final class ClientRateLimiter: Sendable {
    private struct TokenBucket {
        var tokens: Double
        var filledAt: Date
    }

    private let rate: Double
    private let timing: Clocks
    /// One bucket for a client and all its tenants, and for a user and all its processes.
    private let buckets = Mutex<[Principal.Identity: TokenBucket]>([:])

    init(rate: Int, timing: Clocks) {
        self.rate = Double(rate)
        self.timing = timing
    }

    /// - Throws: ``ServiceError`` 429.
    func acquire(_ principal: Principal) throws {
        let key = principal.identity
        let now = timing.now()
        let isAllowed = buckets.withLock { buckets in
            var bucket = buckets[key] ?? TokenBucket(tokens: rate, filledAt: now)
            // A clock that is turned back neither fills nor drains the bucket.
            bucket.tokens = min(rate, bucket.tokens + max(0, now.timeIntervalSince(bucket.filledAt)) * rate)
            bucket.filledAt = now
            let isAllowed = bucket.tokens >= 1
            if isAllowed { bucket.tokens -= 1 }
            buckets[key] = bucket
            return isAllowed
        }
        guard isAllowed else { throw ServiceError.tooMany(retryAfter: 1) }
    }
}

/// Applies a ``ClientRateLimiter`` to authenticated requests.
struct RateLimitMiddleware: RouterMiddleware {
    let limiter: ClientRateLimiter

    func handle(
        _ request: Request, context: ServiceRequestContext,
        next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        try limiter.acquire(context.authenticated())
        return try await next(request, context)
    }
}
