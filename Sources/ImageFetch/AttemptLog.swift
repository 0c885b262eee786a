import Synchronization

/// How far one download has come, known also when its time runs out.
final class AttemptLog: Sendable {
    private struct State {
        var attempts = 0
        var isReceived = false
    }

    private let state: Mutex<State>
    private let onReceived: @Sendable () -> Void

    /// - Parameters:
    ///   - attempts: how many requests were sent before.
    ///   - onReceived: told when the platform has nothing more to send, and what is left is up to the disk.
    init(attempts: Int = 0, onReceived: @escaping @Sendable () -> Void = {}) {
        state = Mutex(State(attempts: attempts))
        self.onReceived = onReceived
    }

    /// How many requests were sent.
    var attempts: Int { state.withLock { $0.attempts } }

    /// Whether the last of them has brought all there is.
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
