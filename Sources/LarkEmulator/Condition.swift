import Synchronization

/// A value that tasks can wait on. Each change resumes the tasks whose predicate holds then; nothing polls.
final class Condition<Value: Sendable>: Sendable {
    private struct Waiter: Sendable {
        let predicate: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State: Sendable {
        var value: Value
        var waiters: [Waiter] = []
    }

    private let state: Mutex<State>

    init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    /// Changes the value and resumes the tasks whose predicate holds now.
    @discardableResult
    func update<Result: Sendable>(_ change: (inout Value) -> Result) -> Result {
        let (result, satisfied) = state.withLock { state in
            let result = change(&state.value)
            let satisfied = state.waiters.filter { $0.predicate(state.value) }
            state.waiters.removeAll { $0.predicate(state.value) }
            return (result, satisfied)
        }
        for waiter in satisfied {
            waiter.continuation.resume()
        }
        return result
    }

    /// Waits until the predicate holds.
    func wait(until predicate: @escaping @Sendable (Value) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isSatisfied = state.withLock { state in
                if predicate(state.value) { return true }
                state.waiters.append(Waiter(predicate: predicate, continuation: continuation))
                return false
            }
            if isSatisfied {
                continuation.resume()
            }
        }
    }
}

/// Holds requests until they are released.
final class Gate: Sendable {
    private struct State: Sendable {
        var held = 0
        var releases = 0
        var isOpen = false
    }

    private let state = Condition(State())

    /// Waits for the next ``release()``; returns at once if the gate is open.
    func hold() async {
        let releases = state.update { state in
            state.held += 1
            return state.releases
        }
        await state.wait { $0.isOpen || $0.releases > releases }
    }

    /// Waits until that many requests are held.
    func waitForHeld(count: Int) async {
        await state.wait { $0.isOpen || $0.held >= count }
    }

    /// Releases all requests that are held now.
    func release() {
        state.update { state in
            state.releases += 1
            state.held = 0
        }
    }

    /// Releases all requests, now and from now on.
    func open() {
        state.update { $0.isOpen = true }
    }
}
