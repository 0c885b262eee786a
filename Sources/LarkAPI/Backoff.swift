/// Repeats a call that fails with a transient error: after the time that the server names, else after a random share of
/// a growing wait (full jitter).
package struct Backoff: Sendable {
    /// The maximum number of attempts, the first included.
    package let tries: Int

    /// The upper bound of the wait before the second attempt; it doubles with each further one.
    package let base: Duration

    /// The upper bound of all waits that the server does not name.
    package let cap: Duration

    /// The longest wait that a server may name. If it names a longer one, its error is thrown.
    package let longestWait: Duration

    package init(tries: Int, base: Duration, cap: Duration, longestWait: Duration) {
        self.tries = tries
        self.base = base
        self.cap = cap
        self.longestWait = longestWait
    }

    /// Runs a call until it succeeds, fails permanently, or the attempts are used up.
    ///
    /// - Parameters:
    ///   - clocks: the waits and the random numbers.
    ///   - call: receives the number of the attempt, from 1. It is repeated after a ``LarkError`` with
    ///     ``LarkError/isRetryableSoon``.
    /// - Throws: the last error of the call; `CancellationError` from a wait.
    package func run<Result>(clocks: Clocks, _ call: (_ attempt: Int) async throws -> Result) async throws -> Result {
        var attempt = 1
        while true {
            do {
                return try await call(attempt)
            } catch let error as LarkError where error.isRetryableSoon && attempt < tries {
                let wait = error.retryAfter ?? jitteredWait(after: attempt, random: clocks.random())
                guard wait <= longestWait else { throw error }
                try await clocks.sleep(wait)
                attempt += 1
            }
        }
    }

    /// The wait after a failed attempt for which the server names none.
    package func jitteredWait(after attempt: Int, random: Double) -> Duration {
        let ceiling = min(base * (1 << min(attempt - 1, 20)), cap)
        return ceiling * random
    }
}

extension LarkError {
    /// Whether the request can succeed within seconds.
    ///
    /// Where the platform says "later" without a time, the cause is not load: a tenant's full storage (234042) is still
    /// full in a second.
    package var isRetryableSoon: Bool { isRetryable && (kind != .tryLater || retryAfter != nil) }
}
