import LarkAPI

/// Stops the requests of a tenant while the platform is failing, and probes whether it has recovered.
///
/// Three transient failures in a row open it: one request at a time then probes the platform, after waits that double
/// up to ten seconds. So an outage costs a few requests, not one for each image, and a run survives one of a minute.
struct CircuitBreaker {
    private static let failureThreshold = 3
    private static let maximumProbes = 13
    private static let base = Duration.milliseconds(500)
    private static let longestWait = Duration.seconds(10)

    private var failuresInRow = 0
    private var failedProbes = 0
    /// Grows each time it opens: results of requests that were sent before are not counted again.
    private(set) var generation = 0

    var isOpen: Bool { failedProbes > 0 }

    /// What a transient failure means for the next requests.
    enum Verdict: Equatable {
        case well
        /// Nothing is sent for this time.
        case rest(Duration)
        /// Too many probes have failed.
        case lost
    }

    /// The platform responded, with an image or a definite error.
    mutating func answered() {
        failuresInRow = 0
        failedProbes = 0
    }

    /// A request failed with a transient error.
    ///
    /// - Parameters:
    ///   - generation: of the breaker when the request was sent.
    ///   - random: from 0 up to 1.
    mutating func failed(startedIn generation: Int, random: Double) -> Verdict {
        if isOpen {
            guard generation == self.generation else { return .well }
        } else {
            failuresInRow += 1
            guard failuresInRow >= Self.failureThreshold else { return .well }
            self.generation += 1
        }
        failedProbes += 1
        guard failedProbes < Self.maximumProbes else { return .lost }
        let wait = min(Self.base * (1 << min(failedProbes - 1, 10)), Self.longestWait)
        return .rest(wait * (0.75 + random / 2))
    }
}
