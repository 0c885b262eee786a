import FoundationEssentials
import Testing

@testable import AuthService

@Suite("Values that hold for a second")
struct SecondCacheTests {
    @Test("A value is made once for its key and second, from the second's beginning")
    func once() {
        let cache = SecondCache<String, Double>()
        func value(_ key: String, _ instant: Double) -> Double {
            cache.value(for: key, at: Date(timeIntervalSinceReferenceDate: instant)) {
                $0.timeIntervalSinceReferenceDate + Double(key.count)
            }
        }
        #expect(value("a", 10.9) == 11)
        #expect(value("bc", 10.2) == 12)
        let again = cache.value(for: "a", at: Date(timeIntervalSinceReferenceDate: 10)) { _ in 0 }
        #expect(again == 11)
        #expect(value("a", 11) == 12)
        // A clock that is turned back gets no value of the future.
        #expect(value("a", 10) == 11)
    }

    @Test("A value that cannot be made is not kept")
    func failure() {
        let cache = SecondCache<String, Int>()
        #expect(throws: CancellationError.self) {
            try cache.value(for: "a", at: Date(timeIntervalSinceReferenceDate: 1)) { _ in throw CancellationError() }
        }
        #expect(cache.value(for: "a", at: Date(timeIntervalSinceReferenceDate: 1)) { _ in 7 } == 7)
    }
}
