public import FoundationEssentials

/// Whoever says when a request may leave, so that the platform has none to refuse.
///
/// An implementer owes three things. Permits are granted in the order they were asked for. After a ``pause(_:for:for:)``
/// nobody gets a permit before it is over, and permits granted before and not yet used are void. And
/// ``acquire(_:for:expecting:)`` ends when its task is cancelled.
public protocol RateLimiter: Sendable {
    /// Waits until a request may leave; it has to leave then.
    ///
    /// - Parameters:
    ///   - api: what is asked.
    ///   - tenant: for whom.
    ///   - expected: how many requests the caller has in view, this one included. Some may be reserved with it; what is
    ///     reserved and not sent is lost to others for a while.
    /// - Throws: `CancellationError`; what its storage throws.
    func acquire(_ api: RateLimitedAPI, for tenant: TenantName, expecting expected: Int) async throws -> QuotaPermit

    /// Tells that the platform has the request: its answer begins, or it failed.
    ///
    /// A request that was long on its way (a new connection, a lost packet) is counted by the platform later than it
    /// left. Who settles its permits keeps such a request from meeting those that left a second after it.
    ///
    /// - Parameters:
    ///   - permit: the request's.
    ///   - isAnswered: whether an answer came; what failed by itself says nothing of how long the way is.
    func complete(_ permit: QuotaPermit, isAnswered: Bool) async

    /// Tells that the platform refused a request for now, and how long it wants nobody to ask.
    ///
    /// - Throws: what its storage throws.
    func pause(_ api: RateLimitedAPI, for tenant: TenantName, for duration: Duration) async throws
}

/// The leave to send one request.
public struct QuotaPermit: Sendable, Hashable {
    /// The API that may be asked.
    public let api: RateLimitedAPI
    /// For whom.
    public let tenant: TenantName
    /// When the request was to leave.
    public let sendAt: Date

    /// Takes all three.
    public init(_ api: RateLimitedAPI, for tenant: TenantName, sendAt: Date) {
        self.api = api
        self.tenant = tenant
        self.sendAt = sendAt
    }
}

/// No limit at all, for a platform that has none.
public struct UnlimitedRateLimiter: RateLimiter {
    private let timing: Clocks

    /// Takes the clock that permits are dated by.
    public init(timing: Clocks = .system) {
        self.timing = timing
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func acquire(
        _ api: RateLimitedAPI, for tenant: TenantName, expecting expected: Int
    ) async throws -> QuotaPermit {
        QuotaPermit(api, for: tenant, sendAt: timing.now())
    }

    /// Does nothing: there is nothing to count.
    public func complete(_ permit: QuotaPermit, isAnswered: Bool) async {}

    /// Does nothing: whoever was refused waits for itself.
    public func pause(_ api: RateLimitedAPI, for tenant: TenantName, for duration: Duration) async throws {}
}
