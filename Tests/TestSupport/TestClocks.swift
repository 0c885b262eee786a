public import FoundationEssentials
public import LarkAPI
import Synchronization

/// A clock that moves when a test says so, waits that are over at once and are remembered, and random that always
/// throw the same number.
public final class TestClocks: Sendable {
    private struct State {
        var now: Date
        var waits: [Duration] = []
    }

    private let state: Mutex<State>
    private let start: Date
    private let begin = ContinuousClock.now
    private let random: Double
    private let waitsForReal: Bool
    private let isDeadline: @Sendable (Duration) -> Bool

    /// Starts at an instant.
    ///
    /// - Parameters:
    ///   - start: 2026-01-01 unless a test says otherwise.
    ///   - random: what every throw gives, from 0 up to 1.
    ///   - waitsForReal: for code that asks again and again until something happens: its waits take their time, so
    ///     that its patience is not used up in an instant. The clock moves all the same.
    ///   - isDeadline: waits of which lengths end only when they are cancelled, and are not remembered: a deadline
    ///     that is over in an instant would leave no time for what it limits.
    public init(
        start: Date = Date(timeIntervalSince1970: 1_767_225_600), random: Double = 0.5, waitsForReal: Bool = false,
        isDeadline: @escaping @Sendable (Duration) -> Bool = { _ in false }
    ) {
        state = Mutex(State(now: start))
        self.start = start
        self.random = random
        self.waitsForReal = waitsForReal
        self.isDeadline = isDeadline
    }

    /// The instant it shows.
    public var now: Date { state.withLock { $0.now } }

    /// Every wait so far, in order.
    public var waits: [Duration] { state.withLock { $0.waits } }

    /// Moves the clock, back too.
    public func advance(_ seconds: Double) {
        state.withLock { $0.now.addTimeInterval(seconds) }
    }

    /// What the code under test gets. A wait moves the clock by its length and gives other tasks a turn.
    public var timing: Clocks {
        Clocks(
            now: { self.now },
            instant: { self.begin + .seconds(self.now.timeIntervalSince(self.start)) },
            sleep: { wait in
                try Task.checkCancellation()
                if self.isDeadline(wait) { return try await Self.untilCancelled() }
                self.state.withLock {
                    $0.waits.append(wait)
                    $0.now.addTimeInterval(Double(wait.components.seconds) + Double(wait.components.attoseconds) / 1e18)
                }
                if self.waitsForReal { try await Clocks.system.sleep(wait) } else { await Task.yield() }
            },
            random: { self.random }
        )
    }

    private static func untilCancelled() async throws {
        let (stream, end) = AsyncStream.makeStream(of: Void.self)
        // Iteration ends when the task is cancelled; until then the stream must be kept open.
        for await _ in stream {}
        end.finish()
        throw CancellationError()
    }
}
