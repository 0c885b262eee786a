#if PostgreSQL
import Synchronization

/// A bounded number of sessions, each lent to one task at a time. Tasks that wait are served in order.
final class PostgreSQLPool: Sendable {
    private struct Waiter {
        let number: UInt64
        let continuation: CheckedContinuation<PostgreSQLSession, any Error>
    }

    private struct State {
        var idle: [PostgreSQLSession]
        var waiters: [Waiter] = []
        var lastNumber: UInt64 = 0
        var isClosed = false
    }

    private let state: Mutex<State>
    private let timeout: Duration

    /// Creates sessions that connect when they are used.
    init(_ address: PostgreSQLAddress, size: Int) {
        state = Mutex(State(idle: (0..<size).map { _ in PostgreSQLSession(address) }))
        timeout = address.busyTimeout
    }

    /// Waits for a session, which must be released.
    ///
    /// - Throws: ``DatabaseError`` `busy` or `cannotOpen`; `CancellationError`.
    func acquire() async throws -> PostgreSQLSession {
        if let session = try idleSession() { return session }
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let timer = Task {
            try await ContinuousClock().sleep(for: timeout)
            end(number, throwing: DatabaseError(.busy, "no connection to the database server was free in time"))
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait(Waiter(number: number, continuation: $0)) }
        } onCancel: {
            end(number, throwing: CancellationError())
        }
    }

    /// Gives a session to the next waiting task.
    func release(_ session: PostgreSQLSession) {
        let waiter = state.withLock { state -> Waiter? in
            if !state.waiters.isEmpty { return state.waiters.removeFirst() }
            if !state.isClosed { state.idle.append(session) }
            return nil
        }
        waiter?.continuation.resume(returning: session)
    }

    /// Drops the sessions, those in use when they are released.
    func close() {
        let (idle, waiters) = state.withLock { state in
            defer {
                state.isClosed = true
                state.idle = []
                state.waiters = []
            }
            return (state.idle, state.waiters)
        }
        // The connections close with the last reference, outside the lock.
        _ = consume idle
        for waiter in waiters { waiter.continuation.resume(throwing: Self.closed) }
    }

    /// The session used last, whose connection is the least likely to have timed out.
    private func idleSession() throws -> PostgreSQLSession? {
        try state.withLock { state in
            if state.isClosed { throw Self.closed }
            return state.idle.popLast()
        }
    }

    private func wait(_ waiter: Waiter) {
        let outcome = state.withLock { state -> Result<PostgreSQLSession, any Error>? in
            if state.isClosed { return .failure(Self.closed) }
            // Under the lock: a task cancelled later finds the waiter.
            if Task.isCancelled { return .failure(CancellationError()) }
            if let session = state.idle.popLast() { return .success(session) }
            state.waiters.append(waiter)
            return nil
        }
        if let outcome { waiter.continuation.resume(with: outcome) }
    }

    private func end(_ number: UInt64, throwing error: any Error) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(throwing: error)
    }

    private static let closed = DatabaseError(.cannotOpen, "the database is closed")
}
#endif
