import FoundationEssentials
import NIOCore
import TestSupport
import Testing

@testable import AuthServiceClient
@testable import LarkAPI

@Suite("When a request to an auth service is repeated")
struct RetryScheduleTests {
    private static let start = TestClocks().now

    private static func unreachable(_ cause: (any Error)?) -> LarkError {
        LarkError(.unreachable, "x", remedy: nil, isRetryable: true, underlying: cause)
    }

    private static func busy(_ seconds: Int64?) -> ServiceRefusal {
        ServiceRefusal(
            reportType: "too_many_requests", description: "x", remedy: nil, isRetryable: true,
            retryAfter: seconds.map { .seconds($0) })
    }

    /// The waits before a schedule gives up, with a clock that only the waits move.
    private func waits(after error: any Error, random: Double = 0) -> [Duration] {
        var schedule = RetrySchedule(startedAt: Self.start)
        var waits: [Duration] = []
        var now = Self.start
        while let wait = schedule.wait(after: error, now: now, random: random) {
            waits.append(wait)
            now.addTimeInterval(wait / .seconds(1))
        }
        return waits
    }

    @Test("Nine attempts where nothing listens, fewer for a broken connection, one for a silent service")
    func connections() {
        #expect(waits(after: Self.unreachable(IOError(errnoCode: 111, reason: "connect")), random: 0.9).count == 8)
        #expect(waits(after: Self.unreachable(IOError(errnoCode: 2, reason: "connect")), random: 0.9).count == 8)
        #expect(waits(after: Self.unreachable(IOError(errnoCode: 104, reason: "read"))).count == 2)
        #expect(waits(after: Self.unreachable(nil)).isEmpty)
        #expect(waits(after: LarkError.timeout(host: "x", limit: .seconds(10))).isEmpty)
    }

    @Test("A busy service is asked again after the time it names, at different times by different clients")
    func busyService() {
        #expect(waits(after: Self.busy(1)).first == .seconds(1))
        #expect((waits(after: Self.busy(1), random: 0.9).first ?? .zero) > .seconds(1))
        #expect(waits(after: Self.busy(nil), random: 0.9).count == 8)
    }

    @Test("All waits end within 20 s, and a longer wait than 10 s is the caller's", arguments: [0, 0.5, 0.999])
    func deadline(_ random: Double) {
        for seconds: Int64 in [1, 3, 9, 10] {
            let all = waits(after: Self.busy(seconds), random: random)
            #expect(!all.isEmpty && all.reduce(.zero, +) <= .seconds(20), "\(all)")
        }
        #expect(waits(after: Self.busy(60), random: random).isEmpty)
    }

    @Test("What cannot pass is not repeated")
    func permanent() {
        let refusal = ServiceRefusal(
            reportType: "unauthorized", description: "x", remedy: nil, isRetryable: false, retryAfter: nil)
        #expect(waits(after: refusal).isEmpty)
        #expect(waits(after: LarkError(.refused, "x", remedy: nil)).isEmpty)
        #expect(waits(after: LarkError(.unavailable, "x", remedy: nil, httpStatus: 503, isRetryable: true)).isEmpty)
    }
}
