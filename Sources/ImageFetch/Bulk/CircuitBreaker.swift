import LarkAPI

/// How well a lane's requests fare, and what follows for the next ones.
///
/// Three failures in a row that may pass, and the lane is taken for ill: one request at a time tries whether the
/// platform is well again, after waits that double up to ten seconds. So a platform that is down costs a few requests,
/// not one for each image, and a run outlives an outage of a minute.
struct CircuitBreaker {
    private static let failureThreshold = 3
    private static let maximumProbes = 13
    private static let base = Duration.milliseconds(500)
    private static let longestWait = Duration.seconds(10)

    private var failuresInRow = 0
    private var failedProbes = 0
    /// Grows when the lane falls ill: what left before says nothing new.
    private(set) var generation = 0

    var isOpen: Bool { failedProbes > 0 }

    /// What a failure that may pass means for the lane.
    enum Verdict: Equatable {
        case well
        /// Nothing leaves for so long.
        case rest(Duration)
        /// Given up.
        case lost
    }

    /// The platform answered, with an image or with a clear word.
    mutating func answered() {
        failuresInRow = 0
        failedProbes = 0
    }

    /// A request failed as it may pass.
    ///
    /// - Parameters:
    ///   - generation: of the lane when the request left.
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
