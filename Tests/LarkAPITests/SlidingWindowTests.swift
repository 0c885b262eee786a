import LarkAPI
import Testing

@Suite("The log of a quota")
struct QuotaLogTests {
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

    @Test("No window of a second or a minute, wherever it begins, holds too many", arguments: rates, 1...20)
    func windows(_ rate: RequestRate, seed: Int) throws {
        var draws = Draws(state: UInt64(seed))
        var log = SlidingWindow()
        var now: Int64 = 1_000_000
        var left: [Int64] = []
        for _ in 0..<400 {
            now += Int64.random(in: 0...300, using: &draws)
            let granted = log.grant(
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
        var log = SlidingWindow()
        var now: Int64 = 0
        var granted: [Int64] = []
        while granted.count < 1001 {
            granted += log.grant(10, rate: .standard, now: now, horizon: 250)
            now = granted.last ?? now
        }
        #expect(granted[999] == 19 * (1000 + SlidingWindow.slack))
        #expect(granted[1000] == 60_000 + SlidingWindow.slack)
    }

    @Test("After a pause nothing is granted before its end, and what was still to come is void")
    func pause() {
        var log = SlidingWindow()
        let rate = RequestRate.standard
        _ = log.grant(10, rate: rate, now: 0, horizon: 0)
        let epoch = log.epoch
        log.pause(until: 7000, now: 100)
        #expect(log.epoch != epoch)
        #expect(log.grant(1, rate: rate, now: 200, horizon: 0) == [7000])
        log.pause(until: 3000, now: 300)
        #expect(log.grant(1, rate: rate, now: 400, horizon: 0) == [7000], "a shorter pause ends no longer one")
    }

    @Test("A request that was long on its way counts from when it may have arrived, and who came too near asks again")
    func lateArrivals() throws {
        let rate = try RequestRate("2/s")
        var log = SlidingWindow()
        #expect(log.grant(4, rate: rate, now: 0, horizon: 2000) == [0, 0, 1060, 1060])
        let epoch = log.epoch
        log.complete([RoundTrip(granted: 0, length: 20)], now: 20)
        #expect(log.epoch == epoch, "nothing was late")
        log.complete([RoundTrip(granted: 0, length: 380), RoundTrip(granted: 99, length: 5000)], now: 380)
        #expect(log.epoch != epoch)
        // 300 ms later than it might have been, beyond what a window allows for.
        #expect(log.grant(2, rate: rate, now: 380, horizon: 2000) == [1060, 1360])
    }

    @Test("The shortest trip is that of all processes, and is forgotten when the way has become longer")
    func shortestTrip() throws {
        let rate = try RequestRate("1/s")
        var log = SlidingWindow()
        log.complete([RoundTrip(granted: 0, length: 10)], now: 10)
        _ = log.grant(1, rate: rate, now: 1000, horizon: 0)
        log.complete([RoundTrip(granted: 1000, length: 110)], now: 1110)
        #expect(log.grant(1, rate: rate, now: 1110, horizon: 0) == [2100])
        _ = log.grant(1, rate: rate, now: 100_000, horizon: 0)
        log.complete([RoundTrip(granted: 100_000, length: 110)], now: 100_110)
        #expect(log.grant(1, rate: rate, now: 100_110, horizon: 0) == [101_060])
    }

    @Test("What is not used can be had by others")
    func withdrawn() throws {
        var log = SlidingWindow()
        let rate = try RequestRate("2/s")
        #expect(log.grant(2, rate: rate, now: 0, horizon: 0) == [0, 0])
        log.revoke([0], of: log.epoch + 1)
        #expect(log.instants == [0, 0], "of another epoch they are others'")
        log.revoke([0, 77], of: log.epoch)
        #expect(log.grant(1, rate: rate, now: 10, horizon: 0) == [10])
    }

    @Test("A clock that is turned back by an hour does not stop anybody for an hour")
    func clockTurnedBack() {
        var log = SlidingWindow()
        let rate = RequestRate(perSecond: 1, perMinute: 1) ?? .standard
        _ = log.grant(1, rate: rate, now: 3_600_000 * 2, horizon: 0)
        log.pause(until: 3_600_000 * 2 + 50_000, now: 3_600_000 * 2)
        #expect(log.grant(1, rate: rate, now: 3_600_000, horizon: 0) == [3_600_000])
        // Clocks of processes differ by a little, which is no reason to forget anything.
        #expect(log.grant(1, rate: rate, now: 3_600_000 - 900, horizon: 0) == [3_660_000 + SlidingWindow.slack])
    }

    @Test("No more than a minute's worth is remembered")
    func memory() {
        var log = SlidingWindow()
        for second in 0..<1000 {
            _ = log.grant(10, rate: .standard, now: Int64(second) * 1000, horizon: 250)
        }
        #expect(log.instants.count <= 1000)
        var unlimited = SlidingWindow()
        _ = unlimited.grant(100, rate: .unlimited, now: 0, horizon: 0)
        #expect(unlimited.instants.isEmpty)
    }
}
