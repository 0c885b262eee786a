public import FoundationEssentials

/// Paces requests so that the platform never has to reject one.
///
/// An implementation must keep three promises. No more requests are sent in any second or minute than the rate allows.
/// A ``pause(_:for:for:)`` holds back all callers and voids permits that are reserved but not yet granted.
/// ``acquire(_:for:expecting:)`` ends when its task is cancelled. The order of waiting callers is not defined.
public protocol RateLimiter: Sendable {
    /// Waits until a request may be sent, which the caller must then do at once.
    ///
    /// - Parameters:
    ///   - api: the API to call.
    ///   - tenant: the tenant of the token.
    ///   - expected: how many requests the caller has to send, this one included. A few may be reserved together;
    ///     others cannot use what is reserved and not sent.
    /// - Throws: `CancellationError`; errors of the storage.
    func acquire(_ api: RateLimitedAPI, for tenant: TenantName, expecting expected: Int) async throws -> QuotaPermit

    /// Reports that the response of a request began, or that the request failed.
    ///
    /// The platform counts a delayed request (a new connection, a lost packet) later than it was sent, together with
    /// those sent a second after it. Completing permits lets the limiter allow for that.
    ///
    /// - Parameters:
    ///   - permit: the permit of the request.
    ///   - isAnswered: whether there was a response; a failed request does not show how long the way is.
    func complete(_ permit: QuotaPermit, isAnswered: Bool) async

    /// Reports that the platform rejected a request because of the rate limit, and how long to send none.
    ///
    /// - Throws: errors of the storage.
    func pause(_ api: RateLimitedAPI, for tenant: TenantName, for duration: Duration) async throws
}

/// Permission to send one request.
public struct QuotaPermit: Sendable, Hashable {
    /// The API to call.
    public let api: RateLimitedAPI
    /// The tenant of the token.
    public let tenant: TenantName
    /// When the request may be sent.
    public let sendAt: Date

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public init(_ api: RateLimitedAPI, for tenant: TenantName, sendAt: Date) {
        self.api = api
        self.tenant = tenant
        self.sendAt = sendAt
    }
}

/// No limit.
public struct UnlimitedRateLimiter: RateLimiter {
    private let timing: Clocks

    /// Creates a limiter whose permits carry the time of a clock.
    public init(timing: Clocks = .system) {
        self.timing = timing
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func acquire(
        _ api: RateLimitedAPI, for tenant: TenantName, expecting expected: Int
    ) async throws -> QuotaPermit {
        QuotaPermit(api, for: tenant, sendAt: timing.now())
    }

    /// Does nothing, since nothing is counted.
    public func complete(_ permit: QuotaPermit, isAnswered: Bool) async {}

    /// Does nothing: the caller waits by itself.
    public func pause(_ api: RateLimitedAPI, for tenant: TenantName, for duration: Duration) async throws {}
}
