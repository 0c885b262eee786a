/// When requests left or will leave, in milliseconds of the wall clock: the memory of one quota.
///
/// Whether the platform counts in fixed or in sliding windows is not documented. What holds in every sliding window
/// holds in every fixed one too, so requests are granted such that no window of a second or a minute, wherever it
/// begins, holds too many. Within a window they may come all at once.
package struct SlidingWindow: Sendable, Equatable {
    /// In order. Only those that can still matter.
    package private(set) var instants: [Int64]
    /// Nothing is granted before.
    package private(set) var pausedUntil: Int64
    /// Grows when what was granted and is still to come becomes void.
    package private(set) var epoch: Int64
    /// When it was last asked: who asks long before that has another clock, or the clock was turned back.
    package private(set) var askedAt: Int64
    /// The shortest trip of about the last minute, and when it was told of.
    package private(set) var minimumRoundTrip: Int64
    package private(set) var fastestAt: Int64

    /// How much longer than a second or a minute a window is taken, for requests that are not equally long on their
    /// way.
    package static let slack: Int64 = 60

    private static let second: Int64 = 1000 + slack
    private static let minute: Int64 = 60_000 + slack
    private static let patienceWithClocks: Int64 = 5000

    /// How long a shortest trip is remembered: the way to the platform may become longer.
    private static let fastestMemory: Int64 = 60_000

    /// A log that nothing was granted from, or one as it was stored.
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

    /// Grants requests, each at the first instant that the rate allows.
    ///
    /// - Parameters:
    ///   - count: how many are wanted, at least one.
    ///   - rate: the limits.
    ///   - now: no instant is before it.
    ///   - horizon: only the first may be later than this after the first; the rest is left to others.
    /// - Returns: 1 to `count` instants, in order.
    package mutating func grant(_ count: Int, rate: RequestRate, now: Int64, horizon: Int64) -> [Int64] {
        forgetOld(now: now)
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

    /// Takes note of how long requests took to be answered.
    ///
    /// All of them are on their way for the time of the shortest trip at least. What a trip took beyond that, the
    /// request may have been late at the platform, and it is counted as if it were: whoever was granted an instant too
    /// near to it has to ask again.
    package mutating func complete(_ trips: [RoundTrip], now: Int64) {
        for trip in trips
        where trip.isAnswered && (trip.length < minimumRoundTrip || now > fastestAt + Self.fastestMemory) {
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

    /// Takes back instants that will not be used. Of an older epoch they are void already, and may be others' by now.
    package mutating func revoke(_ unused: [Int64], of epoch: Int64) {
        for instant in unused where epoch == self.epoch {
            if let index = instants.firstIndex(of: instant) { instants.remove(at: index) }
        }
    }

    /// Grants nothing before an instant, and takes back what was granted and is still to come.
    package mutating func pause(until instant: Int64, now: Int64) {
        pausedUntil = max(pausedUntil, instant)
        // Also where none is to come: permits that are just being handed out are void too.
        epoch += 1
        revoke(after: now)
    }

    private mutating func revoke(after now: Int64) {
        guard let last = instants.last, last > now else { return }
        epoch += 1
        instants.removeAll { $0 > now }
    }

    /// How many requests left in the minute before an instant.
    package func count(at now: Int64) -> Int { instants.count { $0 <= now && $0 > now - 60_000 } }

    /// The first instant at which a window that ends there holds fewer than a limit.
    private func end(ofWindow length: Int64, holding limit: Int?) -> Int64 {
        guard let limit, instants.count >= limit else { return 0 }
        return instants[instants.count - limit] + length
    }

    private mutating func insert(_ instant: Int64) {
        let place = instants.lastIndex { $0 <= instant }.map { $0 + 1 } ?? 0
        instants.insert(instant, at: place)
    }

    /// What is older than a minute matters no more, nor do instants and pauses of a clock that was turned back: they
    /// would hold everybody up for as long as it was turned.
    private mutating func forgetOld(now: Int64) {
        let isTurnedBack = now < askedAt - Self.patienceWithClocks
        if isTurnedBack {
            pausedUntil = 0
            minimumRoundTrip = .max
        }
        instants.removeAll { $0 <= now - Self.minute || isTurnedBack && $0 > now }
        askedAt = now
    }
}

/// How long a granted request took until its answer began, in milliseconds.
package struct RoundTrip: Sendable, Hashable, Codable {
    /// The instant it was granted.
    package let granted: Int64
    package let length: Int64
    /// Whether an answer came, or it failed by itself.
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
