import Synchronization

/// An operation that its caller stopped waiting for. It goes on.
package struct WaitLimitExceeded: Error {
    package init() {}
}

/// Runs an operation and waits for its result, but not for longer than a limit, and not once the caller is cancelled.
///
/// For operations that do not end soon when they are cancelled, such as a request over a connection that is cut. The
/// operation goes on after the limit, and its result is dropped.
///
/// - Throws: ``WaitLimitExceeded``; `CancellationError`; what the operation throws.
package func withWaitLimit<Value: Sendable>(
    _ limit: Duration, clocks: Clocks, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let outcome = FirstOutcome<Value>()
    let task = Task {
        do {
            outcome.set(.success(try await operation()))
        } catch {
            outcome.set(.failure(error))
        }
    }
    let timer = Task {
        guard (try? await clocks.sleep(limit)) != nil else { return }
        outcome.set(.failure(WaitLimitExceeded()))
    }
    defer { timer.cancel() }
    return try await withTaskCancellationHandler {
        try await outcome.value()
    } onCancel: {
        task.cancel()
        outcome.set(.failure(CancellationError()))
    }
}

/// The first of several outcomes, for one task that waits for it.
private final class FirstOutcome<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case awaited(CheckedContinuation<Value, any Error>)
        case set(Result<Value, any Error>)
    }

    private let state = Mutex(State.empty)

    func set(_ outcome: Result<Value, any Error>) {
        let waiting = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            if case .set = state { return nil }
            defer { state = .set(outcome) }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume(with: outcome)
    }

    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = state.withLock { state -> Result<Value, any Error>? in
                if case .set(let outcome) = state { return outcome }
                state = .awaited(continuation)
                return nil
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }
}
