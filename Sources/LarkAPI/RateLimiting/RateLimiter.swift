public import FoundationEssentials

/// Paces requests so that the platform has to reject few of them.
///
/// An implementation must keep three promises. No more requests are granted in any second or minute than the rate
/// allows. A ``pause(_:for:for:)`` holds back all callers and voids permits that are reserved but not yet granted.
/// ``acquire(_:for:expecting:onWait:)`` ends when its task is cancelled. The order of waiting callers is not defined.
public protocol RateLimiter: Sendable {
    /// Waits until a request may be sent, which the caller must then do at once.
    ///
    /// - Parameters:
    ///   - api: the API to call.
    ///   - tenant: the tenant of the token.
    ///   - expected: how many requests the caller has to send, this one included. A few may be reserved together;
    ///     other processes cannot use what is reserved and not sent.
    ///   - onWait: called before each wait for the rate limit, with the time at which the wait ends.
    /// - Throws: `CancellationError`; errors of the storage.
    func acquire(
        _ api: RateLimitedAPI, for tenant: TenantName, expecting expected: Int,
        onWait: @Sendable (_ end: Date) -> Void
    ) async throws -> QuotaPermit

    /// Reports that the platform rejected a request because of the rate limit, and how long to send none.
    ///
    /// All processes that share the limit pause, for a minute at most.
    ///
    /// - Throws: errors of the storage.
    func pause(_ api: RateLimitedAPI, for tenant: TenantName, for duration: Duration) async throws

    /// Takes back a permit whose request was not sent, so that it does not count.
    func takeBack(_ permit: QuotaPermit) async

    /// Reports that the platform rejected a request because the tenant's app has used up its quota of the month.
    ///
    /// - Throws: errors of the storage.
    func reportUsedUpMonth(for tenant: TenantName) async throws
}

extension RateLimiter {
    /// Does nothing: the permit counts as used.
    public func takeBack(_ permit: QuotaPermit) async {}

    /// Does nothing: no month is counted.
    public func reportUsedUpMonth(for tenant: TenantName) async throws {}

    /// Waits until a request may be sent: ``acquire(_:for:expecting:onWait:)`` for callers that do not report waits.
    ///
    /// - Throws: `CancellationError`; errors of the storage.
    public func acquire(
        _ api: RateLimitedAPI, for tenant: TenantName, expecting expected: Int
    ) async throws -> QuotaPermit {
        try await acquire(api, for: tenant, expecting: expected) { _ in }
    }
}

/// Permission to send one request.
public struct QuotaPermit: Sendable, Hashable {
    /// The API to call.
    public let api: RateLimitedAPI
    /// The tenant of the token.
    public let tenant: TenantName
    /// When the request may be sent.
    public let sendAt: Date
    /// The epoch of the quota when it was granted.
    let epoch: Int64?

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public init(_ api: RateLimitedAPI, for tenant: TenantName, sendAt: Date) {
        self.init(api, for: tenant, sendAt: sendAt, epoch: nil)
    }

    init(_ api: RateLimitedAPI, for tenant: TenantName, sendAt: Date, epoch: Int64?) {
        self.epoch = epoch
        self.api = api
        self.tenant = tenant
        self.sendAt = sendAt
    }
}

/// No limit.
public struct UnlimitedRateLimiter: RateLimiter {
    private let clocks: Clocks

    /// Creates a limiter whose permits carry the time of a clock.
    public init(clocks: Clocks = .system) {
        self.clocks = clocks
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func acquire(
        _ api: RateLimitedAPI, for tenant: TenantName, expecting expected: Int,
        onWait: @Sendable (_ end: Date) -> Void
    ) async throws -> QuotaPermit {
        QuotaPermit(api, for: tenant, sendAt: clocks.now())
    }

    /// Does nothing: the caller waits by itself.
    public func pause(_ api: RateLimitedAPI, for tenant: TenantName, for duration: Duration) async throws {}
}

/// An API with a rate limit for each app in each tenant (document "Frequency control").
public enum RateLimitedAPI: String, Sendable, CaseIterable {
    /// `GET /open-apis/im/v1/images/:image_key`.
    case imageGet = "im/v1/images"
    /// `GET /open-apis/im/v1/messages/:message_id/resources/:file_key`.
    case messageResourceGet = "im/v1/messages/resources"
    /// `GET /open-apis/im/v1/messages/:message_id`.
    case messageGet = "im/v1/messages/get"
    /// `GET /open-apis/im/v1/messages`.
    case messageList = "im/v1/messages/list"
}

extension ImageReference {
    /// The API that serves it.
    public var api: RateLimitedAPI {
        switch self {
        case .image: .imageGet
        case .messageResource: .messageResourceGet
        }
    }
}
