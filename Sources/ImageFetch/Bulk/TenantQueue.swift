import LarkAPI

/// The downloads of one tenant by one API, which share a quota.
struct TenantQueue {
    /// Identifies the quota.
    struct ID: Hashable, Sendable {
        let tenant: TenantName
        let api: RateLimitedAPI

        init(_ item: FetchItem) {
            tenant = item.tenant
            api = item.reference.api
        }
    }

    /// A download and its attempts so far.
    struct Job: Sendable {
        let item: FetchItem
        /// Requests sent for it.
        var attempts = 0
        /// Whether its place was released already, because only the disk was left to wait for.
        var isReceived = false
        /// What failed so far.
        var failures = RetryPolicy.Failures()
        /// Of the circuit breaker when its last request was sent.
        var generation = 0
        /// Of the time that one download may take.
        var timeLeft: Duration

        mutating func note(_ log: AttemptLog) {
            attempts = log.attempts
            isReceived = log.isReceived
        }
    }

    enum Permit {
        case none
        /// Requested and not granted yet.
        case awaited
        /// Granted; what is missing is a free place among the jobs.
        case held(QuotaPermit)
    }

    let host: LarkHost
    var queue = ItemQueue()
    /// To be repeated; they go first.
    var again: [Job] = []
    /// Waiting to be repeated.
    var waiting = 0
    var active = 0
    /// Received, and not on the disk yet.
    var storing = 0
    var permit = Permit.none
    var breaker = CircuitBreaker()
    /// Nothing leaves before the last of its rests is over.
    var rests = 0
    /// Why no further requests are sent.
    var end: (any Error)?

    var isResting: Bool { rests > 0 }

    /// Whether a request may be sent; while the circuit breaker is open, one at a time.
    var mayBegin: Bool { !isResting && (!breaker.isOpen || active == 0) }

    var hasWork: Bool { !queue.isEmpty || !again.isEmpty }
    var left: Int { queue.count + again.count }
    /// Whether it waits for its quota or the end of a rest.
    var isHeld: Bool {
        if case .awaited = permit { return true }
        return isResting || breaker.isOpen
    }

    var isIdle: Bool { !hasWork && waiting == 0 && active + storing == 0 }
}
