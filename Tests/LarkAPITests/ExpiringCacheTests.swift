import FoundationEssentials
import LarkAPI
import Testing

@Suite("Values that expire")
struct ExpiringCacheTests {
    private let start = Date(timeIntervalSince1970: 1_767_225_600)

    private var cache: ExpiringCache<String, Int> {
        var cache = ExpiringCache<String, Int>()
        cache.insert(1, for: "a", at: start, timeToLive: .milliseconds(1500))
        return cache
    }

    @Test("A value is returned until its time to live is over", arguments: [(0.0, 1), (1.25, 1), (1.5, nil), (9, nil)])
    func expires(_ age: Double, _ expected: Int?) {
        #expect(cache.value(for: "a", at: start.addingTimeInterval(age)) == expected)
        #expect(cache.value(for: "b", at: start.addingTimeInterval(age)) == nil)
    }

    @Test("A clock that was turned back counts as expired")
    func turnedBack() {
        #expect(cache.value(for: "a", at: start.addingTimeInterval(-0.25)) == nil)
    }

    @Test("The last value is there after it expired, until it is removed")
    func last() {
        var cache = cache
        #expect(cache.lastValue(for: "a") == 1)
        cache.removeValue(for: "a")
        #expect(cache.lastValue(for: "a") == nil)
    }

    @Test("A new value replaces the old one and its time to live")
    func replaced() {
        var cache = cache
        cache.insert(2, for: "a", at: start, timeToLive: .seconds(10))
        #expect(cache.value(for: "a", at: start.addingTimeInterval(9)) == 2)
        cache.removeAll()
        #expect(cache.value(for: "a", at: start) == nil)
    }
}
