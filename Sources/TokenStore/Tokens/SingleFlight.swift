/// Runs at most one operation for each key at a time, and gives its result to all callers.
///
/// The operation belongs to none of its callers: if one is cancelled, it goes on for the others. A failure is not kept;
/// the next caller starts a new operation.
actor SingleFlight<Key: Hashable & Sendable, Value: Sendable> {
    private struct Flight {
        var task: Task<Void, Never>?
        var waiters: [Int: CheckedContinuation<Value, any Error>] = [:]
    }

    private var flights: [Key: Flight] = [:]
    private var lastWaiter = 0

    /// The number of callers that wait for a key; for tests that must see an overlap.
    func waiters(for key: Key) -> Int { flights[key]?.waiters.count ?? 0 }

    /// Whether the operation for a key is in progress.
    func isInFlight(_ key: Key) -> Bool { flights[key] != nil }

    /// Returns the result of the operation for a key, which is started if it is not in progress.
    ///
    /// - Throws: errors of the operation; `CancellationError` if the caller or the operation is cancelled.
    func value(for key: Key, _ operation: @escaping @Sendable () async throws -> Value) async throws -> Value {
        lastWaiter += 1
        let waiter = lastWaiter
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // Cancelled before it could wait: the handler has run, or finds nothing to remove.
                guard !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
                start(key, operation)
                flights[key]?.waiters[waiter] = continuation
            }
        } onCancel: {
            Task { await self.leave(key, waiter) }
        }
    }

    /// Starts the operation for a key if it is not in progress. Does not wait for it.
    func start(_ key: Key, _ operation: @escaping @Sendable () async throws -> Value) {
        guard flights[key] == nil else { return }
        flights[key] = Flight()
        flights[key]?.task = Task {
            let result: Result<Value, any Error>
            do { result = .success(try await operation()) } catch { result = .failure(error) }
            self.land(key, result)
        }
    }

    /// Cancels all operations and waits until they have ended.
    ///
    /// Call it before closing what the operations use.
    func cancelAll() async {
        let tasks = flights.values.compactMap(\.task)
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func land(_ key: Key, _ result: Result<Value, any Error>) {
        guard let flight = flights.removeValue(forKey: key) else { return }
        for waiter in flight.waiters.values { waiter.resume(with: result) }
    }

    private func leave(_ key: Key, _ waiter: Int) {
        flights[key]?.waiters.removeValue(forKey: waiter)?.resume(throwing: CancellationError())
    }
}
