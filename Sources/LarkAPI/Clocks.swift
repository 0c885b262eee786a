public import FoundationEssentials

/// The clock, the waits and the random numbers that a part of larkimg uses, so that tests control them.
public struct Clocks: Sendable {
    /// The wall clock: stored expiries outlive the process.
    public var now: @Sendable () -> Date

    /// A clock that is never set, for lengths of time.
    public var instant: @Sendable () -> ContinuousClock.Instant

    /// Waits. It throws `CancellationError` if the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void

    /// A random number in 0..<1.
    public var random: @Sendable () -> Double

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public init(
        now: @escaping @Sendable () -> Date,
        instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.instant = instant
        self.sleep = sleep
        self.random = random
    }

    /// Sleeps a second at a time: the timer of a cancelled sleep stays in memory until it fires, and a long run cancels
    /// thousands of deadlines of minutes.
    private static func sleep(until end: ContinuousClock.Instant) async throws {
        let clock = ContinuousClock()
        while true {
            let next = min(end, clock.now + .seconds(1))
            try await clock.sleep(until: next)
            if next == end { return }
        }
    }

    /// The system's clock, sleep and random numbers.
    public static let system = Clocks(
        now: { Date() },
        sleep: { try await Clocks.sleep(until: .now + $0) },
        random: { Double.random(in: 0..<1) }
    )
}

/// Runs a body for a limited time, then cancels it and throws an error.
///
/// - Parameters:
///   - limit: the time limit.
///   - clocks: measures the time.
///   - error: thrown when the time is over.
///   - body: must return or throw when it is cancelled.
/// - Throws: the error; what the body throws.
package func withDeadline<Result: Sendable>(
    _ limit: Duration,
    clocks: Clocks,
    error: LarkError,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await clocks.sleep(limit)
            throw error
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw error }
        return first
    }
}
