import Synchronization

/// Counts something and tells when it has happened a number of times. Nothing here polls.
final class CountdownWaiter: Sendable {
    private struct State {
        var count = 0
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var isOver = false
    }

    private let state = Mutex(State())

    func add() {
        resume { state in
            state.count += 1
        }
    }

    /// Waits until it has happened that many times since the beginning.
    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            resume { state in
                state.waiting.append((count, continuation))
            }
        }
    }

    /// Lets go of everyone who waits now and who will.
    func end() {
        resume { state in
            state.isOver = true
        }
    }

    private func resume(after change: (inout State) -> Void) {
        let satisfied = state.withLock { state in
            change(&state)
            let count = state.isOver ? Int.max : state.count
            let satisfied = state.waiting.filter { $0.count <= count }.map(\.continuation)
            state.waiting.removeAll { $0.count <= count }
            return satisfied
        }
        for continuation in satisfied {
            continuation.resume()
        }
    }
}
