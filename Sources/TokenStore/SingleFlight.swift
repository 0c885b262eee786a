/// One piece of work for each key at a time, however many ask for it.
///
/// The work belongs to none of those who wait: one that is cancelled leaves, the work goes on for the others. A
/// failure ends the flight and is not kept; the next one to ask starts anew.
actor SingleFlight<Key: Hashable & Sendable, Value: Sendable> {
    private struct Flight {
        var waiters: [Int: CheckedContinuation<Value, any Error>] = [:]
    }

    private var flights: [Key: Flight] = [:]
    private var lastWaiter = 0

    /// How many wait for a key; for tests that must see an overlap.
    func waiters(for key: Key) -> Int { flights[key]?.waiters.count ?? 0 }

    /// Whether the work for a key is under way.
    func isUnderWay(_ key: Key) -> Bool { flights[key] != nil }

    /// The result of the work for a key, which is started if it is not under way.
    ///
    /// - Throws: what the work throws; `CancellationError` when the caller is cancelled.
    func value(for key: Key, _ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        lastWaiter += 1
        let waiter = lastWaiter
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // Cancelled before it could wait: the handler has run, or finds nothing to remove.
                guard !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
                start(key, work)
                flights[key]?.waiters[waiter] = continuation
            }
        } onCancel: {
            Task { await self.leave(key, waiter) }
        }
    }

    /// Starts the work for a key if it is not under way, and waits for nothing.
    func start(_ key: Key, _ work: @escaping @Sendable () async throws -> Value) {
        guard flights[key] == nil else { return }
        flights[key] = Flight()
        Task {
            let result: Result<Value, any Error>
            do { result = .success(try await work()) } catch { result = .failure(error) }
            self.land(key, result)
        }
    }

    private func land(_ key: Key, _ result: Result<Value, any Error>) {
        guard let flight = flights.removeValue(forKey: key) else { return }
        for waiter in flight.waiters.values { waiter.resume(with: result) }
    }

    private func leave(_ key: Key, _ waiter: Int) {
        flights[key]?.waiters.removeValue(forKey: waiter)?.resume(throwing: CancellationError())
    }
}
