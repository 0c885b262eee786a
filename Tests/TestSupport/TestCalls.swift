import Synchronization

/// The calls that a fake receives: it counts them, holds one back and makes them fail as a test says.
public final class TestCalls: Sendable {
    private struct State {
        var count = 0
        var error: (any Error)?
        var gate: AsyncStream<Void>?
    }

    private let state = Mutex(State())

    /// Starts without calls.
    public init() {}

    /// How many calls have begun.
    public var count: Int { state.withLock { $0.count } }

    /// The error that calls throw from now on; nil lets them succeed.
    public func fail(_ error: (any Error)?) { state.withLock { $0.error = error } }

    /// Holds the next call until the returned function is called.
    public func hold() -> @Sendable () -> Void {
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        state.withLock { $0.gate = gate }
        return { opener.finish() }
    }

    /// Counts a call and waits while it is held.
    ///
    /// - Returns: the number of the call, from 1.
    public func begin() async -> Int {
        let (number, gate) = state.withLock { state in
            state.count += 1
            defer { state.gate = nil }
            return (state.count, state.gate)
        }
        if let gate { for await _ in gate {} }
        return number
    }

    /// Fails a call if the test wants it to.
    ///
    /// - Throws: the error given to ``fail(_:)``.
    public func failIfAsked() throws {
        if let error = state.withLock({ $0.error }) { throw error }
    }
}
