/// Runs a body for a limited time; when the time is up the body is cancelled and the error thrown.
///
/// - Parameters:
///   - limit: the time the body has.
///   - timing: whose `sleep` measures it.
///   - error: what is thrown when the time is up.
///   - body: must end when it is cancelled.
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
