import FoundationEssentials
import LarkAPI

/// A request for a token that failed, remembered so that others need not repeat it.
struct RenewalFailure: Sendable {
    /// What the platform said.
    let error: LarkError
    /// How many failed in a row.
    let count: Int
    let at: Date
    let retryAt: Date

    /// The failure after this one.
    ///
    /// - Parameters:
    ///   - error: what the platform said this time.
    ///   - previous: the failure before, of the same app and secret.
    init(_ error: LarkError, after previous: RenewalFailure?, at now: Date) {
        self.init(
            error: error,
            count: (previous?.count ?? 0) + 1,
            at: now,
            retryAt: now.addingTimeInterval(Self.pause(error, count: (previous?.count ?? 0) + 1))
        )
    }

    init(error: LarkError, count: Int, at: Date, retryAt: Date) {
        self.error = error
        self.count = count
        self.at = at
        self.retryAt = retryAt
    }

    /// Seconds to wait: what the server asks for, else a minute, doubled with each refusal, an hour at most.
    private static func pause(_ error: LarkError, count: Int) -> Double {
        if let asked = error.retryAfter { return Double(asked.components.seconds) }
        switch error.kind {
        case .refused, .notFound: return min(60 * Double(1 << min(count - 1, 6)), 3600)
        case .tokenRejected, .tryLater, .unavailable, .unreachable, .badResponse, .tooLarge: return 60
        }
    }

    /// Whether the pause still runs. A clock that was turned back ends it.
    func isRunning(at now: Date) -> Bool { at.addingTimeInterval(-60) <= now && now < retryAt }

    /// Whether nobody shall ask during the pause, token or none: the platform refused, or named a time. After a fault
    /// of the network only those wait who still have a token.
    var blocksEveryone: Bool {
        switch error.kind {
        case .refused, .notFound, .tokenRejected, .tryLater: true
        case .unavailable, .unreachable, .badResponse, .tooLarge: false
        }
    }

    /// The failure as those see it who come during the pause.
    func remembered(at now: Date) -> LarkError {
        let ago = Int(max(0, now.timeIntervalSince(at)))
        let wait = Int(max(1, retryAt.timeIntervalSince(now)))
        return LarkError(
            .tryLater,
            "\(error.summary); that was the answer \(ago) s ago, and it is not asked again for \(wait) s",
            remedy: error.remedy,
            httpStatus: error.httpStatus,
            platformCode: error.platformCode,
            platformMessage: error.platformMessage,
            logID: error.logID,
            retryAfter: .seconds(wait),
            isRetryable: true
        )
    }
}
