public import FoundationEssentials

/// The clock, the waiting and the dice that a part of larkimg is given, so that tests can hold all three.
public struct Clocks: Sendable {
    /// The wall clock. Expiry is stored in its terms, since it outlives the process.
    public var now: @Sendable () -> Date

    /// Waits; throws `CancellationError` when the task is cancelled meanwhile.
    public var sleep: @Sendable (Duration) async throws -> Void

    /// A number from 0 up to 1, drawn anew each time.
    public var random: @Sendable () -> Double

    /// Takes all three.
    public init(
        now: @escaping @Sendable () -> Date,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    /// Sleeps a second at a time: the timer of a sleep that is cancelled stays in memory until it would have rung, and
    /// a long run cancels thousands of deadlines of minutes.
    private static func sleep(until end: ContinuousClock.Instant) async throws {
        let clock = ContinuousClock()
        while true {
            let next = min(end, clock.now + .seconds(1))
            try await clock.sleep(until: next)
            if next == end { return }
        }
    }

    /// The machine's own.
    public static let system = Clocks(
        now: { Date() },
        sleep: { try await Clocks.sleep(until: .now + $0) },
        random: { Double.random(in: 0..<1) }
    )
}
