/// Lets a limited number of tasks run at a time for each key, in order of arrival.
package actor ConcurrencyLimit<Key: Hashable & Sendable> {
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private let limit: Int
    private var running: [Key: Int] = [:]
    private var waiting: [Key: [Waiter]] = [:]
    private var lastID = 0

    package init(_ limit: Int) {
        self.limit = max(1, limit)
    }

    /// Runs a body when it is its turn.
    ///
    /// - Throws: `CancellationError` if the task is cancelled while it waits; what the body throws.
    package func run<Result: Sendable>(
        _ key: Key, _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await enter(key)
        defer { leave(key) }
        return try await body()
    }

    /// The number of tasks that wait for their turn.
    package func waitingCount(_ key: Key) -> Int { waiting[key, default: []].count }

    private func enter(_ key: Key) async throws {
        guard running[key, default: 0] >= limit else {
            running[key, default: 0] += 1
            return
        }
        lastID += 1
        let id = lastID
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                guard !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
                waiting[key, default: []].append(Waiter(id: id, continuation: continuation))
            }
        } onCancel: {
            Task { await self.cancel(id, of: key) }
        }
    }

    private func leave(_ key: Key) {
        if waiting[key]?.isEmpty ?? true {
            waiting[key] = nil
            running[key, default: 1] -= 1
            if running[key] == 0 { running[key] = nil }
        } else {
            // The turn passes on, so the number of running tasks stays the same.
            waiting[key]?.removeFirst().continuation.resume()
        }
    }

    private func cancel(_ id: Int, of key: Key) {
        guard let index = waiting[key]?.firstIndex(where: { $0.id == id }) else { return }
        waiting[key]?.remove(at: index).continuation.resume(throwing: CancellationError())
    }
}
