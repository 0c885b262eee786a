import LarkAPI

/// Stops the requests of a tenant while the platform is failing, and probes whether it has recovered.
///
/// Three transient failures in a row open it. One request at a time then probes the platform, after waits that double
/// up to ten seconds, until one is answered or the breaker trips. So an outage costs a few requests, not one for each
/// image, and a run survives an outage of a minute.
struct CircuitBreaker {
    private static let failureThreshold = 3
    private static let maximumProbes = 13
    private static let base = Duration.milliseconds(500)
    private static let longestWait = Duration.seconds(10)

    private var failuresInRow = 0
    private var failedProbes = 0
    /// Increased each time it opens: results of requests that were sent before are not counted again.
    private(set) var generation = 0

    var isOpen: Bool { failedProbes > 0 }

    /// What a transient failure means for the next requests.
    enum State: Equatable {
        case closed
        /// Nothing is sent for this time.
        case open(for: Duration)
        /// Too many probes have failed.
        case tripped
    }

    /// Whether a request that was sent in a generation is a probe of the open breaker.
    func isProbed(in generation: Int) -> Bool { isOpen && generation == self.generation }

    /// Records that the platform responded, with an image or a definite error.
    mutating func recordResponse() {
        failuresInRow = 0
        failedProbes = 0
    }

    /// Records that a request failed with a transient error.
    ///
    /// - Parameters:
    ///   - generation: the breaker's when the request was sent.
    ///   - random: from 0 up to 1.
    mutating func recordFailure(startedIn generation: Int, random: Double) -> State {
        if isOpen {
            guard isProbed(in: generation) else { return .closed }
        } else {
            failuresInRow += 1
            guard failuresInRow >= Self.failureThreshold else { return .closed }
            self.generation += 1
        }
        failedProbes += 1
        guard failedProbes < Self.maximumProbes else { return .tripped }
        let wait = min(Self.base * (1 << min(failedProbes - 1, 10)), Self.longestWait)
        return .open(for: wait * (0.75 + random / 2))
    }
}
