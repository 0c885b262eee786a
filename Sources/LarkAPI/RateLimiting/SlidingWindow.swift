/// The requests of one quota in the last minute and those to come, in milliseconds of the wall clock.
///
/// Whether the platform counts in fixed or in sliding windows is not documented. A limit that holds in every sliding
/// window holds in every fixed one too, so no window of a second or a minute, wherever it begins, may hold too many.
/// Within a window requests may come all at once.
package struct SlidingWindow: Sendable, Equatable {
    /// In order, without those that are too old to count.
    package private(set) var instants: [Int64]
    /// Nothing is granted before this instant.
    package private(set) var pausedUntil: Int64
    /// Increased when grants that are still to come become void.
    package private(set) var epoch: Int64
    /// When it was last used. A much earlier time means that the clock was turned back.
    package private(set) var askedAt: Int64
    /// The shortest round trip of about the last minute, and when it was recorded.
    package private(set) var minimumRoundTrip: Int64
    package private(set) var fastestAt: Int64

    /// How much longer than a second or a minute a window is, since requests are not equally long on their way.
    package static let slack: Int64 = 60

    private static let second: Int64 = 1000 + slack
    private static let minute: Int64 = 60_000 + slack
    private static let clockTolerance: Int64 = 5000

    /// How long the shortest round trip is kept: the way to the platform may become longer.
    private static let roundTripRetention: Int64 = 60_000

    /// An unused window, or a stored one.
    package init(
        instants: [Int64] = [], pausedUntil: Int64 = 0, epoch: Int64 = 0, askedAt: Int64 = 0,
        minimumRoundTrip: Int64 = .max, fastestAt: Int64 = 0
    ) {
        self.instants = instants
        self.pausedUntil = pausedUntil
        self.epoch = epoch
        self.askedAt = askedAt
        self.minimumRoundTrip = minimumRoundTrip
        self.fastestAt = fastestAt
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

    /// Records how long requests took until their response began.
    ///
    /// Every request takes at least the shortest round trip. By what it took beyond that, it may have reached the
    /// platform late, and is counted as if it had: grants that are now too close to it become void.
    package mutating func complete(_ trips: [RoundTrip], now: Int64) {
        for trip in trips
        where trip.isAnswered && (trip.length < minimumRoundTrip || now > fastestAt + Self.roundTripRetention) {
            minimumRoundTrip = trip.length
            fastestAt = now
        }
        var isLate = false
        for trip in trips where minimumRoundTrip < .max {
            let delay = trip.length - minimumRoundTrip - Self.slack
            guard delay > 0, let index = instants.firstIndex(of: trip.granted) else { continue }
            instants.remove(at: index)
            insert(trip.granted + delay)
            isLate = true
        }
        if isLate { revoke(after: now) }
    }

    /// Takes back instants that will not be used. Those of an older epoch are void, and may have been granted again.
    package mutating func revoke(_ unused: [Int64], of epoch: Int64) {
        for instant in unused where epoch == self.epoch {
            if let index = instants.firstIndex(of: instant) { instants.remove(at: index) }
        }
    }

    /// Grants nothing before an instant, and takes back the grants that are still to come.
    package mutating func pause(until instant: Int64, now: Int64) {
        pausedUntil = max(pausedUntil, instant)
        // Also if none is to come, so that permits on their way to a caller are void too.
        epoch += 1
        revoke(after: now)
    }

    private mutating func revoke(after now: Int64) {
        guard let last = instants.last, last > now else { return }
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
        let isTurnedBack = now < askedAt - Self.clockTolerance
        if isTurnedBack {
            pausedUntil = 0
            minimumRoundTrip = .max
        }
        instants.removeAll { $0 <= now - Self.minute || isTurnedBack && $0 > now }
        askedAt = now
    }
}

/// How long a granted request took until its response began, in milliseconds.
package struct RoundTrip: Sendable, Hashable, Codable {
    /// The instant it was granted for.
    package let granted: Int64
    package let length: Int64
    /// Whether there was a response, or the request failed.
    package let isAnswered: Bool

    package init(granted: Int64, length: Int64, isAnswered: Bool = true) {
        self.granted = granted
        self.length = length
        self.isAnswered = isAnswered
    }

    private enum CodingKeys: String, CodingKey {
        case granted
        case length
        case isAnswered = "is_answered"
    }
}
