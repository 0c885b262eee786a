import Synchronization

/// Holds requests until they are released, and resumes waiters when a number of them is held. Nothing here polls.
final class Gate: Sendable {
    private struct State {
        var held: [CheckedContinuation<Void, Never>] = []
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var isOpenForGood = false
    }

    private let state = Mutex(State())

    /// Waits for ``release()``.
    func hold() async {
        await withCheckedContinuation { continuation in
            let satisfied: [CheckedContinuation<Void, Never>] = state.withLock { state in
                if state.isOpenForGood { return [continuation] }
                state.held.append(continuation)
                let held = state.held.count
                let satisfied = state.waiting.filter { $0.count <= held }.map(\.continuation)
                state.waiting.removeAll { $0.count <= held }
                return satisfied
            }
            for continuation in satisfied {
                continuation.resume()
            }
        }
    }

    /// Waits until that many requests are held.
    func waitForHeld(count: Int) async {
        await withCheckedContinuation { continuation in
            let isSatisfied = state.withLock { state in
                if state.isOpenForGood || state.held.count >= count { return true }
                state.waiting.append((count, continuation))
                return false
            }
            if isSatisfied {
                continuation.resume()
            }
        }
    }

    /// Releases all requests that are held now.
    func release() {
        let held = state.withLock { state in
            let held = state.held
            state.held = []
            return held
        }
        for continuation in held {
            continuation.resume()
        }
    }

    /// Releases all requests now and from now on.
    func openForGood() {
        let waiting = state.withLock { state in
            state.isOpenForGood = true
            let waiting = state.waiting.map(\.continuation)
            state.waiting = []
            return waiting
        }
        for continuation in waiting {
            continuation.resume()
        }
        release()
    }
}
