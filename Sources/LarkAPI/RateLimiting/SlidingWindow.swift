/// The requests of one quota in the last minute and those to come, in milliseconds of the wall clock.
///
/// Whether the platform counts in fixed or in sliding windows is not documented. A limit that holds in every sliding
/// window holds in every fixed one too, so no window of a second or a minute, wherever it begins, may hold too many.
/// Within a window requests may come all at once.
///
/// The platform counts a request when it arrives, and not all requests are equally long on their way. A fixed margin
/// allows for most of the difference. Where it is not enough, the platform rejects a request with 429, which is
/// repeated after a pause.
package struct SlidingWindow: Sendable, Equatable {
    /// In order, without those that are too old to count.
    package private(set) var instants: [Int64]
    /// Nothing is granted before this instant.
    package private(set) var pausedUntil: Int64
    /// Increased with each pause, which voids the grants that are still to come.
    package private(set) var epoch: Int64
    /// When it was last used. A much earlier time means that the clock was turned back.
    package private(set) var usedAt: Int64

    /// How much longer than a second or a minute a window is.
    package static let margin: Int64 = 60
    /// The longest pause. A platform that is still over its limit afterwards rejects the next request, which pauses
    /// again; one wrong report must not stop a tenant for longer.
    package static let longestPause: Int64 = 60_000

    private static let second: Int64 = 1000 + margin
    private static let minute: Int64 = 60_000 + margin
    private static let clockTolerance: Int64 = 5000

    /// An unused window, or a stored one.
    package init(instants: [Int64] = [], pausedUntil: Int64 = 0, epoch: Int64 = 0, usedAt: Int64 = 0) {
        self.instants = instants
        self.pausedUntil = pausedUntil
        self.epoch = epoch
        self.usedAt = usedAt
    }

    /// Grants requests, each at the earliest instant that the rate allows.
    ///
    /// - Parameters:
    ///   - count: the number of requests, at least one.
    ///   - rate: the limits.
    ///   - now: no instant is before it.
    ///   - horizon: the longest time between the first and the last instant; later ones are left to other callers.
    /// - Returns: 1 to `count` instants, in order.
    package mutating func grant(_ count: Int, rate: RequestRate, now: Int64, horizon: Int64) -> [Int64] {
        removeExpired(now: now)
        guard rate != .unlimited else { return Array(repeating: max(now, pausedUntil), count: max(count, 1)) }
        var granted: [Int64] = []
        for _ in 0..<max(count, 1) {
            let instant = max(
                now, pausedUntil, granted.last ?? 0, end(ofWindow: Self.second, holding: rate.perSecond),
                end(ofWindow: Self.minute, holding: rate.perMinute))
            if let first = granted.first, instant > first + horizon { break }
            granted.append(instant)
            insert(instant)
        }
        return granted
    }

    /// Counts requests that were granted elsewhere.
    package mutating func record(_ granted: [Int64], now: Int64) {
        removeExpired(now: now)
        for instant in granted { insert(instant) }
    }

    /// Takes back instants that will not be used. Those of an older epoch are void already.
    ///
    /// - Returns: the instants that were counted until now.
    @discardableResult
    package mutating func release(_ unused: [UnusedSlot]) -> [Int64] {
        var released: [Int64] = []
        for slot in unused where slot.epoch == epoch {
            guard let index = instants.firstIndex(of: slot.instant) else { continue }
            released.append(instants.remove(at: index))
        }
        return released
    }

    /// Grants nothing for a while, ``longestPause`` at most, and takes back the grants that are still to come.
    package mutating func pause(for duration: Duration, now: Int64) {
        let longest = Duration.milliseconds(Self.longestPause)
        pausedUntil = max(pausedUntil, now + Int64(min(max(duration, .zero), longest) / .milliseconds(1)))
        // Also if none is to come: a permit may be on its way to a caller.
        epoch += 1
        instants.removeAll { $0 > now }
    }

    /// The number of requests in the minute before an instant.
    package func count(at now: Int64) -> Int { instants.count { $0 <= now && $0 > now - 60_000 } }

    /// The earliest instant at which the window that ends there holds fewer requests than a limit.
    private func end(ofWindow length: Int64, holding limit: Int?) -> Int64 {
        guard let limit, instants.count >= limit else { return 0 }
        return instants[instants.count - limit] + length
    }

    private mutating func insert(_ instant: Int64) {
        let place = instants.lastIndex { $0 <= instant }.map { $0 + 1 } ?? 0
        instants.insert(instant, at: place)
    }

    /// Removes what is older than a minute, and instants and pauses from before the clock was turned back: they would
    /// hold up all callers for as long as it was turned.
    private mutating func removeExpired(now: Int64) {
        let isTurnedBack = now < usedAt - Self.clockTolerance
        pausedUntil = isTurnedBack ? 0 : min(pausedUntil, now + Self.longestPause)
        instants.removeAll { $0 <= now - Self.minute || isTurnedBack && $0 > now }
        usedAt = now
    }
}
