/// Repeats what may pass: after the time the server names, else after a random share of a growing wait (full jitter).
package struct Backoff: Sendable {
    /// How many tries in all, the first included.
    package let tries: Int

    /// The wait before the second try is drawn from 0 to this; each further one from twice as much.
    package let base: Duration

    /// No drawn wait is longer.
    package let cap: Duration

    /// A server that asks for a longer wait than this is not waited for: its error goes to the caller.
    package let patience: Duration

    package init(tries: Int, base: Duration, cap: Duration, patience: Duration) {
        self.tries = tries
        self.base = base
        self.cap = cap
        self.patience = patience
    }

    /// Runs a call until it succeeds, fails for good, or the tries are used up.
    ///
    /// - Parameters:
    ///   - timing: the waits and the dice.
    ///   - call: gets the number of the try, from 1. Only its ``LarkError``s that are retryable are repeated, and of
    ///     those of kind `tryLater` only the ones that name a time.
    /// - Throws: the last error of the call, or `CancellationError` from a wait.
    package func run<Result>(timing: Clocks, _ call: (_ attempt: Int) async throws -> Result) async throws -> Result {
        var attempt = 1
        while true {
            do {
                return try await call(attempt)
            } catch let error as LarkError where error.isRetryableSoon && attempt < tries {
                let wait = error.retryAfter ?? drawnWait(after: attempt, random: timing.random())
                guard wait <= patience else { throw error }
                try await timing.sleep(wait)
                attempt += 1
            }
        }
    }

    /// The wait after a try that failed, without a word from the server.
    package func drawnWait(after attempt: Int, random: Double) -> Duration {
        let ceiling = min(base * (1 << min(attempt - 1, 20)), cap)
        return ceiling * random
    }
}

extension LarkError {
    /// Where the platform says "later" and no time, the cause is not load: a tenant's storage that is full (234042) is
    /// still full in a second.
    package var isRetryableSoon: Bool { isRetryable && (kind != .tryLater || retryAfter != nil) }
}
