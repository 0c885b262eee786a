import LarkAPI

/// The downloads of one tenant by one API: what is counted by one quota, and waits for nobody else.
struct TenantQueue {
    /// Which lane.
    struct ID: Hashable, Sendable {
        let tenant: TenantName
        let api: RateLimitedAPI

        init(_ item: FetchItem) {
            tenant = item.tenant
            api = item.reference.api
        }
    }

    /// A download on its way, with what it has behind it.
    struct Job: Sendable {
        let item: FetchItem
        /// Requests sent for it.
        var attempts = 0
        /// Whether its place was given up already, since only the disk was waited for.
        var isReceived = false
        /// Tries that failed as may pass.
        var failures = 0
        /// Tries that were put off by the server.
        var throttlings = 0
        /// Of the lane when it left last.
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
        /// Asked for and not here yet.
        case awaited
        /// Here; what is missing is a free place among the jobs.
        case held(QuotaPermit)
    }

    let host: LarkHost
    var queue = ItemQueue()
    /// Come back to be tried again; they go first.
    var again: [Job] = []
    /// Wait on their own until they are tried again.
    var waiting = 0
    var active = 0
    /// Received, and not on the disk yet.
    var storing = 0
    var permit = Permit.none
    var breaker = CircuitBreaker()
    /// Nothing leaves before the last of its rests is over.
    var rests = 0
    /// Why nothing will be asked for any more.
    var end: (any Error)?

    var isResting: Bool { rests > 0 }

    /// Whether a request may leave, as far as the platform's breaker goes: an ill one is asked by one at a time.
    var mayBegin: Bool { !isResting && (!breaker.isOpen || active == 0) }

    var hasWork: Bool { !queue.isEmpty || !again.isEmpty }
    var left: Int { queue.count + again.count }
    /// Whether it waits for something that time brings: its quota, the end of a rest.
    var isHeld: Bool {
        if case .awaited = permit { return true }
        return isResting || breaker.isOpen
    }

    var isIdle: Bool { !hasWork && waiting == 0 && active + storing == 0 }
}
