import Synchronization

/// Counts events and resumes waiters when a count is reached. Nothing here polls.
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

    /// Waits until that many events have been counted since the start.
    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            resume { state in
                state.waiting.append((count, continuation))
            }
        }
    }

    /// Resumes all waiters, now and from now on.
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
