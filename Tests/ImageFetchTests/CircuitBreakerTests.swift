import LarkAPI
import Testing

@testable import ImageFetch

@Suite("The circuit breaker of a tenant")
struct CircuitBreakerTests {
    @Test("One failure or two do not open it, and a response ends the count")
    func single() {
        var breaker = CircuitBreaker()
        for _ in 0..<5 {
            #expect(breaker.recordFailure(startedIn: breaker.generation, random: 0.5) == .closed)
            #expect(breaker.recordFailure(startedIn: breaker.generation, random: 0.5) == .closed)
            breaker.recordResponse()
        }
        #expect(!breaker.isOpen)
    }

    @Test("Three in a row open it; the waits between tries double up to ten seconds, and end after a minute or so")
    func outage() {
        var breaker = CircuitBreaker()
        var waits: [Duration] = []
        var state = CircuitBreaker.State.closed
        while state != .tripped {
            state = breaker.recordFailure(startedIn: breaker.generation, random: 0.5)
            if case .open(for: let wait) = state { waits.append(wait) }
        }
        #expect(
            waits.prefix(6) == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(10)])
        #expect(waits.allSatisfy { $0 <= .seconds(10) })
        #expect(waits.reduce(.zero, +) > .seconds(60))
        #expect(waits.reduce(.zero, +) < .seconds(120))
    }

    @Test("Requests that were sent before it opened are not counted again")
    func stragglers() {
        var breaker = CircuitBreaker()
        let before = breaker.generation
        for _ in 0..<3 { _ = breaker.recordFailure(startedIn: before, random: 0) }
        #expect(breaker.isOpen)
        for _ in 0..<100 { #expect(breaker.recordFailure(startedIn: before, random: 0) == .closed) }
        #expect(breaker.recordFailure(startedIn: breaker.generation, random: 0) == .open(for: .milliseconds(750)))
        breaker.recordResponse()
        #expect(!breaker.isOpen)
    }
}
