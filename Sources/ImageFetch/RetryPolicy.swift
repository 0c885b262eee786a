import LarkAPI

/// When a failed attempt at a download is repeated. One image and a list follow the same rules.
struct RetryPolicy: Sendable {
    /// What failed so far at one download.
    struct Failures: Sendable {
        var transient = 0
        var throttlings = 0
    }

    /// After a transient failure: five attempts in all, with a growing, random wait between them.
    private let backoff = Backoff(tries: 5, base: .milliseconds(500), cap: .seconds(10), longestWait: .seconds(60))
    /// A 429 is not a failure of the request, but a platform that answers nothing else is given up.
    let maximumThrottlings: Int
    /// If the server names a longer time, the download fails.
    private let longestThrottling: Duration?
    /// Whether to ask a token provider again, which has already repeated its own requests.
    private let repeatsProviderFailures: Bool

    /// For one image, which a user waits for.
    static let single = RetryPolicy(
        maximumThrottlings: 5, longestThrottling: .seconds(60), repeatsProviderFailures: false)

    /// For a list: others are downloaded meanwhile.
    static let bulk = RetryPolicy(maximumThrottlings: 20, longestThrottling: nil, repeatsProviderFailures: true)

    private init(maximumThrottlings: Int, longestThrottling: Duration?, repeatsProviderFailures: Bool) {
        self.maximumThrottlings = maximumThrottlings
        self.longestThrottling = longestThrottling
        self.repeatsProviderFailures = repeatsProviderFailures
    }

    /// Counts a failure, and returns how long to wait before the next attempt, or nil to give up.
    ///
    /// - Parameter random: from 0 up to 1.
    func wait(after failure: AttemptFailure, counting failures: inout Failures, random: Double) -> Duration? {
        guard !failure.isOfProvider || repeatsProviderFailures else { return nil }
        switch failure.effect {
        case .throttled(let wait):
            failures.throttlings += 1
            guard failures.throttlings < maximumThrottlings, wait <= longestThrottling ?? wait else { return nil }
            return wait
        case .transient:
            failures.transient += 1
            guard failures.transient < backoff.tries else { return nil }
            guard let named = (failure.error as? LarkError)?.retryAfter else {
                return backoff.jitteredWait(after: failures.transient, random: random)
            }
            return named <= backoff.longestWait ? named : nil
        case .permanent, .failsTenant, .failsRun:
            return nil
        }
    }
}
