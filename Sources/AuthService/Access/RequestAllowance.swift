import FoundationEssentials
import LarkAPI
import Synchronization

/// How many requests a second each caller may send. Within a second they may come all at once.
final class RequestAllowance: Sendable {
    private struct Purse {
        var tokens: Double
        var filledAt: Date
    }

    private let rate: Double
    private let timing: Timing
    private let purses = Mutex<[String: Purse]>([:])

    init(rate: Int, timing: Timing) {
        self.rate = Double(rate)
        self.timing = timing
    }

    /// - Throws: ``ServiceError`` 429.
    func take(_ caller: String) throws {
        let now = timing.now()
        let isLeft = purses.withLock { purses in
            var purse = purses[caller] ?? Purse(tokens: rate, filledAt: now)
            // A clock that was turned back fills nothing, and takes nothing away.
            purse.tokens = min(rate, purse.tokens + max(0, now.timeIntervalSince(purse.filledAt)) * rate)
            purse.filledAt = now
            let isLeft = purse.tokens >= 1
            if isLeft { purse.tokens -= 1 }
            purses[caller] = purse
            return isLeft
        }
        guard isLeft else { throw ServiceError.tooMany(retryAfter: 1) }
    }
}
