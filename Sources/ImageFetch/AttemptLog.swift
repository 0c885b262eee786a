import Synchronization

/// The progress of one download, which is known also when its time runs out.
final class AttemptLog: Sendable {
    private struct State {
        var attempts = 0
        var isReceived = false
    }

    private let state: Mutex<State>
    private let onReceived: @Sendable () -> Void

    /// - Parameters:
    ///   - attempts: how many requests were sent before.
    ///   - onReceived: called when the response is complete, and only the disk is left to wait for.
    init(attempts: Int = 0, onReceived: @escaping @Sendable () -> Void = {}) {
        state = Mutex(State(attempts: attempts))
        self.onReceived = onReceived
    }

    /// How many requests were sent.
    var attempts: Int { state.withLock { $0.attempts } }

    /// Whether the last response is complete.
    var isReceived: Bool { state.withLock { $0.isReceived } }

    func begin() {
        state.withLock { state in
            state.attempts += 1
            state.isReceived = false
        }
    }

    func receive() {
        state.withLock { $0.isReceived = true }
        onReceived()
    }
}
