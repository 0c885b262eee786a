import LarkAPI
import Testing

@testable import ImageFetch

@Suite("The health of a lane")
struct LaneHealthTests {
    @Test("One failure, or two, is no illness, and an answer ends the count")
    func single() {
        var health = CircuitBreaker()
        for _ in 0..<5 {
            #expect(health.failed(startedIn: health.generation, random: 0.5) == .well)
            #expect(health.failed(startedIn: health.generation, random: 0.5) == .well)
            health.answered()
        }
        #expect(!health.isOpen)
    }

    @Test("Three in a row are; the waits between tries double up to ten seconds, and end after a minute or so")
    func outage() {
        var health = CircuitBreaker()
        var waits: [Duration] = []
        var verdict = CircuitBreaker.Verdict.well
        while verdict != .lost {
            verdict = health.failed(startedIn: health.generation, random: 0.5)
            if case .rest(let wait) = verdict { waits.append(wait) }
        }
        #expect(
            waits.prefix(6) == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(10)])
        #expect(waits.allSatisfy { $0 <= .seconds(10) })
        #expect(waits.reduce(.zero, +) > .seconds(60))
        #expect(waits.reduce(.zero, +) < .seconds(120))
    }

    @Test("What left before the lane fell ill says nothing new about it")
    func stragglers() {
        var health = CircuitBreaker()
        let before = health.generation
        for _ in 0..<3 { _ = health.failed(startedIn: before, random: 0) }
        #expect(health.isOpen)
        for _ in 0..<100 { #expect(health.failed(startedIn: before, random: 0) == .well) }
        #expect(health.failed(startedIn: health.generation, random: 0) == .rest(.milliseconds(750)))
        health.answered()
        #expect(!health.isOpen)
    }
}
