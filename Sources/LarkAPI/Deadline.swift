/// Runs a body for a limited time, then cancels it and throws an error.
///
/// - Parameters:
///   - limit: the time limit.
///   - timing: measures the time.
///   - error: thrown when the time is over.
///   - body: must return or throw when it is cancelled.
/// - Throws: the error; what the body throws.
package func withDeadline<Result: Sendable>(
    _ limit: Duration,
    timing: Clocks,
    error: LarkError,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await timing.sleep(limit)
            throw error
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw error }
        return first
    }
}
