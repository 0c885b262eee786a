import LarkAPI
import Testing

@Suite("A sliding window")
struct SlidingWindowTests {
    private static let rates = [
        RequestRate.standard, RequestRate(perSecond: 3, perMinute: 10), RequestRate(perSecond: nil, perMinute: 7),
        RequestRate(perSecond: 2, perMinute: nil), RequestRate(perSecond: 1, perMinute: 1),
    ]
    .compactMap(\.self)

    /// Numbers that look drawn and are the same in every run.
    private struct Draws: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 33
        }
    }

    @Test("A block has ten requests where counts are near, and half a second's worth where hosts share them")
    func blocks() throws {
        func size(_ rate: RequestRate, _ block: QuotaGrant.Block) -> Int {
            var window = SlidingWindow()
            return QuotaGrant(1000, from: &window, rate: rate, now: 1_000_000, block: block).instants.count
        }
        #expect(size(.standard, .usual) == 10)
        #expect(size(.standard, .shared(at: .standard)) == 25)
        for rate in Self.rates { #expect(size(rate, .shared(at: rate)) >= 1, "\(rate)") }
    }

    @Test("No window of a second or a minute, wherever it begins, holds too many", arguments: rates, 1...20)
    func windows(_ rate: RequestRate, seed: Int) throws {
        var draws = Draws(state: UInt64(seed))
        var window = SlidingWindow()
        var now: Int64 = 1_000_000
        var left: [Int64] = []
        for _ in 0..<400 {
            now += Int64.random(in: 0...300, using: &draws)
            let granted = window.grant(
                Int.random(in: 1...10, using: &draws), rate: rate, now: now, horizon: 250)
            #expect(granted.allSatisfy { $0 >= now })
            left += granted
            // The next one asks when this one has sent what it was granted, or well before.
            if Bool.random(using: &draws), let last = granted.last { now = max(now, last) }
        }
        let isInOrder = left == left.sorted()
        #expect(isInOrder)
        for (limit, length) in [(rate.perSecond, 1000), (rate.perMinute, 60_000)] {
            guard let limit, left.count > limit else { continue }
            let tightest = (limit..<left.count).map { left[$0] - left[$0 - limit] }.min() ?? 0
            #expect(tightest > length)
        }
    }

    @Test("The full rate is used: a thousand take twenty windows of a second, and the next waits for the minute")
    func fullRate() {
        var window = SlidingWindow()
        var now: Int64 = 0
        var granted: [Int64] = []
        while granted.count < 1001 {
            granted += window.grant(10, rate: .standard, now: now, horizon: 250)
            now = granted.last ?? now
        }
        #expect(granted[999] == 19 * (1000 + SlidingWindow.margin))
        #expect(granted[1000] == 60_000 + SlidingWindow.margin)
    }

    @Test("After a pause nothing is granted before its end, and what was still to come is void")
    func pause() {
        var window = SlidingWindow()
        let rate = RequestRate.standard
        _ = window.grant(10, rate: rate, now: 0, horizon: 0)
        let epoch = window.epoch
        window.pause(for: .milliseconds(6900), now: 100)
        #expect(window.epoch != epoch)
        #expect(window.grant(1, rate: rate, now: 200, horizon: 0) == [7000])
        window.pause(for: .milliseconds(2700), now: 300)
        #expect(
            window.grant(1, rate: rate, now: 400, horizon: 0) == [7000], "a shorter pause does not end a longer one")
    }

    @Test("A pause lasts a minute at most, also one that an earlier release stored")
    func longPause() {
        let rate = RequestRate.standard
        var window = SlidingWindow()
        window.pause(for: .seconds(3600), now: 0)
        #expect(window.grant(1, rate: rate, now: 1, horizon: 0) == [60_000])
        var stored = SlidingWindow(pausedUntil: 3_600_000, usedAt: 0)
        #expect(stored.grant(1, rate: rate, now: 1, horizon: 0) == [60_001])
    }

    @Test("Requests that were granted elsewhere count")
    func recorded() throws {
        var window = SlidingWindow()
        window.record([100, 50], now: 0)
        #expect(window.grant(1, rate: try RequestRate("2/s"), now: 200, horizon: 0) == [1050 + SlidingWindow.margin])
    }

    @Test("Released slots are granted again")
    func released() throws {
        var window = SlidingWindow()
        let rate = try RequestRate("2/s")
        #expect(window.grant(2, rate: rate, now: 0, horizon: 0) == [0, 0])
        window.release([UnusedSlot(instant: 0, epoch: window.epoch + 1)])
        #expect(window.instants == [0, 0], "slots of another epoch are void")
        window.release([0, 77].map { UnusedSlot(instant: $0, epoch: window.epoch) })
        #expect(window.grant(1, rate: rate, now: 10, horizon: 0) == [10])
    }

    @Test("A clock that is turned back by an hour does not hold up requests for an hour")
    func clockTurnedBack() {
        var window = SlidingWindow()
        let rate = RequestRate(perSecond: 1, perMinute: 1) ?? .standard
        _ = window.grant(1, rate: rate, now: 3_600_000 * 2, horizon: 0)
        window.pause(for: .seconds(50), now: 3_600_000 * 2)
        #expect(window.grant(1, rate: rate, now: 3_600_000, horizon: 0) == [3_600_000])
        // Clocks of processes differ by a little, which is no reason to forget anything.
        #expect(window.grant(1, rate: rate, now: 3_600_000 - 900, horizon: 0) == [3_660_000 + SlidingWindow.margin])
    }

    @Test("No more than a minute's worth is remembered")
    func memory() {
        var window = SlidingWindow()
        for second in 0..<1000 {
            _ = window.grant(10, rate: .standard, now: Int64(second) * 1000, horizon: 250)
        }
        #expect(window.instants.count <= 1000)
        var unlimited = SlidingWindow()
        _ = unlimited.grant(100, rate: .unlimited, now: 0, horizon: 0)
        #expect(unlimited.instants.isEmpty)
    }
}
