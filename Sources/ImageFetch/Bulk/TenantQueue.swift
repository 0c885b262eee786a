import LarkAPI

/// The downloads of one tenant by one API, which share a rate limit.
struct TenantQueue {
    /// Identifies the rate limit.
    struct ID: Hashable, Sendable {
        let tenant: TenantName
        let api: RateLimitedAPI

        init(_ item: BulkItem) {
            tenant = item.tenant
            api = item.api
        }

        private init(_ tenant: TenantName, _ api: RateLimitedAPI) {
            self.tenant = tenant
            self.api = api
        }

        /// The queues that a tenant may have.
        static func all(of tenant: TenantName) -> [ID] { RateLimitedAPI.allCases.map { ID(tenant, $0) } }
    }

    /// An item that was started, and its attempts so far.
    struct Job: Sendable {
        let position: SourcePosition
        let content: ContentID?
        /// When its time is over, including all waits.
        let deadline: ContinuousClock.Instant
        /// Requests sent for it.
        var attempts = 0
        /// Whether its place was released already, because only the disk was left to wait for.
        var isReceived = false
        var failures = RetryPolicy.Failures()
        /// The circuit breaker's when its last request was sent.
        var generation = 0

        mutating func record(_ log: AttemptLog) {
            attempts = log.attempts
            isReceived = log.isReceived
        }
    }

    enum Permit {
        case none
        /// Requested and not granted yet; when it is due, if that is known.
        case awaited(due: ContinuousClock.Instant?)
        /// Granted after so long; what is missing is a free place among the jobs.
        case held(QuotaPermit, waited: Duration)
    }

    let host: LarkHost
    /// nil if it is not known.
    let rate: RequestRate?
    /// Items that were not started.
    var items = ItemQueue()
    /// To be repeated; they go first.
    var retries: [Job] = []
    /// Those that wait before they are repeated.
    var waiting: [SourcePosition: Job] = [:]
    /// Those that wait for a download of the same content under another name.
    var followers: [ContentID: [SourcePosition]] = [:]
    var active = 0
    /// Received, and not on the disk yet.
    var storing = 0
    /// Getting another name for what was downloaded.
    var linking = 0
    var permit = Permit.none
    var breaker = CircuitBreaker()
    /// The failure that has opened the breaker, or the last one since.
    var outage: (any Error)?
    /// Nothing is sent before all of these are over.
    var pauses = 0
    /// Why no further requests are sent.
    var failure: (any Error)?

    var isPaused: Bool { pauses > 0 }

    /// Whether a request may be sent; while the circuit breaker is open, one at a time.
    var maySend: Bool { !isPaused && (!breaker.isOpen || active == 0) }

    var hasWork: Bool { !items.isEmpty || !retries.isEmpty }

    /// Downloads that could be sent now.
    var count: Int { items.count + retries.count }

    /// Whether it waits for its rate limit or the end of a pause.
    var isHeld: Bool {
        if case .awaited = permit { return true }
        return isPaused || breaker.isOpen
    }

    /// When the permit is due that it waits for.
    var permitDue: ContinuousClock.Instant? {
        guard case .awaited(let due) = permit else { return nil }
        return due
    }

    var isIdle: Bool { !hasWork && waiting.isEmpty && active + storing + linking == 0 && followers.isEmpty }

    /// When the time of the next download is over, if it was started before.
    var nextDeadline: ContinuousClock.Instant? { retries.first?.deadline }

    /// Removes and returns the next download.
    ///
    /// - Parameter deadline: for one that is started now.
    mutating func popFirst(deadline: ContinuousClock.Instant) -> Job? {
        if !retries.isEmpty { return retries.removeFirst() }
        return items.popFirst().map { Job(position: $0.position, content: $0.content, deadline: deadline) }
    }

    /// Removes and returns everything that is not in flight.
    mutating func removeAll() -> [SourcePosition] {
        var positions = retries.map(\.position) + waiting.keys
        while let item = items.popFirst() { positions.append(item.position) }
        positions += followers.values.joined()
        (retries, waiting, followers) = ([], [:], [:])
        return positions
    }
}

/// The queues that hold a permit and wait for a free place, in order of arrival.
struct ReadyQueues {
    private static let candidates = 64

    private var ids: ArraySlice<TenantQueue.ID> = []

    mutating func append(_ id: TenantQueue.ID) { ids.append(id) }

    mutating func removeAll() { ids = [] }

    /// Removes and returns the first queue with the fewest requests in flight.
    ///
    /// - Parameters:
    ///   - queues: all queues.
    ///   - share: how many requests in flight each queue may have.
    ///   - mayExceedShare: whether there is room for more.
    mutating func popFirst(
        of queues: [TenantQueue.ID: TenantQueue], share: Int, mayExceedShare: Bool
    ) -> TenantQueue.ID? {
        var best: (index: Int, active: Int)?
        for index in ids.indices.prefix(Self.candidates) {
            let active = queues[ids[index]]?.active ?? 0
            if active < share || mayExceedShare, active < best?.active ?? .max { best = (index, active) }
        }
        guard let index = best?.index else { return nil }
        let id = ids[index]
        // Near the front, however many there are behind it.
        for place in (ids.startIndex..<index).reversed() { ids[place + 1] = ids[place] }
        ids.removeFirst()
        return id
    }
}
