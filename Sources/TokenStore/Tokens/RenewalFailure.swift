import FoundationEssentials
import LarkAPI

/// A failed request to the token endpoint, remembered so that other callers do not repeat it.
///
/// It belongs to one token, or as an outage to a host.
struct RenewalFailure: Sendable {
    /// The error as the caller that sent the request got it.
    let error: LarkError
    /// How many requests failed in a row.
    let count: Int
    let at: Date
    /// When the next request is allowed.
    let retryAt: Date

    init(error: LarkError, count: Int, at: Date, retryAt: Date) {
        self.error = error
        self.count = count
        self.at = at
        self.retryAt = retryAt
    }

    /// Creates the failure of a token that follows another.
    ///
    /// The next request is allowed when the platform says so. Else a refusal is a matter of minutes, doubled each time up
    /// to an hour, and a response that makes no sense one of seconds, as an outage is.
    ///
    /// - Parameter previous: the failure before, of the same app and secret. Kinds of failure are counted apart.
    init(_ error: LarkError, after previous: RenewalFailure?, at now: Date) {
        let count = (previous?.error.kind == error.kind ? previous?.count ?? 0 : 0) + 1
        let backoff =
            switch error.kind {
            case .refused, .notFound: min(60 * Double(1 << min(count - 1, 6)), 3600)
            case .tokenRejected, .tryLater: 60.0
            case .unavailable, .unreachable, .badResponse, .tooLarge: Self.outageBackoff(count)
            }
        let seconds = error.retryAfter.map { Double($0.components.seconds) } ?? backoff
        self.init(error: error, count: count, at: now, retryAt: now.addingTimeInterval(seconds))
    }

    /// Creates the outage of a host that follows another. The next request is allowed after 1, 2, 4 … 30 s.
    init(outage error: LarkError, after previous: RenewalFailure?, at now: Date) {
        let count = (previous?.count ?? 0) + 1
        self.init(error: error, count: count, at: now, retryAt: now.addingTimeInterval(Self.outageBackoff(count)))
    }

    /// 1, 2, 4 … 30 seconds.
    private static func outageBackoff(_ count: Int) -> Double { min(Double(1 << min(count - 1, 5)), 30) }

    /// Whether the back-off is running. A clock that was turned back ends it.
    func isRunning(at now: Date) -> Bool { at.addingTimeInterval(-60) <= now && now < retryAt }

    /// Whether this is the failure of another request than the given one.
    func isNewer(than known: RenewalFailure?) -> Bool {
        count != known?.count || at != known?.at || error.kind != known?.error.kind
    }

    /// Whether no request for this token is sent during the back-off, even if there is no valid token: the platform
    /// refused, or named a time. After an outage, the back-off of the host decides.
    var blocksRequests: Bool { !error.isOutage }

    /// Whether the platform rejected two tokens in a row, so that the next request has to wait.
    var isRejectionPause: Bool { error.kind == .tokenRejected && error.platformCode == nil }

    /// The error for callers that waited for the request that failed.
    func shared(at now: Date) -> LarkError {
        error.repeated(error.summary, retryAfter: error.retryAfter.map { _ in wait(at: now) })
    }

    /// The error for callers that come during the back-off.
    func remembered(at now: Date) -> LarkError {
        let age = Int(max(0, now.timeIntervalSince(at)))
        let wait = wait(at: now)
        return error.repeated(
            "\(error.summary); this was the result \(age) s ago, and the next request is allowed in "
                + "\(wait.components.seconds) s",
            retryAfter: wait)
    }

    /// The time until the next request is allowed, in whole seconds.
    private func wait(at now: Date) -> Duration { .seconds(max(1, Int(retryAt.timeIntervalSince(now).rounded(.up)))) }
}

/// The cause of an error that no request of its caller led to: it repeats a remembered one, or the caller only waited.
///
/// Such an error is not remembered again.
struct NoRequestSent: Error {
    /// The error of the request that another caller sent, if there is one.
    let original: LarkError?
}

extension LarkError {
    /// Whether the host failed, so that requests for other tokens would fail too. A response that makes no sense may be
    /// about one app only.
    var isOutage: Bool {
        switch kind {
        case .unavailable, .unreachable: true
        case .refused, .notFound, .tokenRejected, .tryLater, .badResponse, .tooLarge: false
        }
    }

    /// The error for a caller that did not send the request.
    fileprivate func repeated(_ summary: String, retryAfter: Duration?) -> LarkError {
        LarkError(
            kind, summary, remedy: remedy, httpStatus: httpStatus, platformCode: platformCode,
            platformMessage: platformMessage, logID: logID, retryAfter: retryAfter, isRetryable: isRetryable,
            underlying: NoRequestSent(original: self))
    }
}
