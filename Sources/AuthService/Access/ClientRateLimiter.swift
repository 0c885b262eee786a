import FoundationEssentials
import LarkAPI
import Synchronization
import TokenStore

/// How many requests a second each caller may send. Within a second they may come all at once.
final class ClientRateLimiter: Sendable {
    private struct TokenBucket {
        var tokens: Double
        var filledAt: Date
    }

    /// A client whatever its tenants, a user whatever its processes.
    private enum Key: Hashable {
        case client(ClientName)
        case user(UInt32)
    }

    private let rate: Double
    private let timing: Clocks
    private let purses = Mutex<[Key: TokenBucket]>([:])

    init(rate: Int, timing: Clocks) {
        self.rate = Double(rate)
        self.timing = timing
    }

    /// - Throws: ``ServiceError`` 429.
    func take(_ caller: Principal) throws {
        let key: Key =
            switch caller {
            case .client(let grant): .client(grant.client)
            case .peer(let peer): .user(peer.uid)
            }
        let now = timing.now()
        let isLeft = purses.withLock { purses in
            var purse = purses[key] ?? TokenBucket(tokens: rate, filledAt: now)
            // A clock that was turned back fills nothing, and takes nothing away.
            purse.tokens = min(rate, purse.tokens + max(0, now.timeIntervalSince(purse.filledAt)) * rate)
            purse.filledAt = now
            let isLeft = purse.tokens >= 1
            if isLeft { purse.tokens -= 1 }
            purses[key] = purse
            return isLeft
        }
        guard isLeft else { throw ServiceError.tooMany(retryAfter: 1) }
    }
}
