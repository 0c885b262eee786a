import LarkAPI

/// Decides what a run does next: a pure value that is told each event and returns actions. It never waits, so that a
/// test can play through any order of events.
struct BulkScheduler {
    /// Downloads read ahead of their turn, so that a queue that has to wait does not hide the others.
    private static let readAhead = 10_000
    /// Files that the disk has still to take: more would only wait longer.
    private static let maximumStoring = 64
    private let jobs: Int
    /// Places that a queue with more than its share leaves to others.
    private let reserve: Int
    let totalTime: Duration
    let clocks: Clocks
    /// The positions of downloads that are complete, for further names of their content.
    var downloads: [ContentID: SourcePosition] = [:]
    /// Whether other messages give the same content other names.
    let namesVary: Bool
    var queues: [TenantQueue.ID: TenantQueue] = [:]
    /// Those with something to do or to wait for.
    private var busy: Set<TenantQueue.ID> = []
    private var ready = ReadyQueues()
    var actions: [Action] = []
    private var isReading = false
    /// Downloads that get a further name at the moment.
    var linking = 0
    private(set) var isStopping = false
    var progress = BulkProgress()

    init(jobs: Int, totalTime: Duration, namesVary: Bool = true, clocks: Clocks) {
        self.jobs = jobs
        self.namesVary = namesVary
        reserve = jobs / 4
        self.totalTime = totalTime
        self.clocks = clocks
    }

    /// Whether nothing is left to do or to wait for.
    var isDone: Bool {
        progress.active + progress.storing + linking == 0
            && (isStopping ? !isReading : progress.isListRead && busy.isEmpty)
    }

    /// The progress, including how many downloads have to wait.
    var snapshot: BulkProgress {
        var progress = progress
        let now = clocks.instant()
        for id in busy { if let queue = queues[id] { progress.include(queue, at: now) } }
        return progress
    }

    /// What follows from all that happened since the last call.
    mutating func takeActions() -> [Action] {
        let isShort = progress.queued < Self.readAhead || progress.active < jobs - reserve
        if !isStopping, !progress.isListRead, !isReading, isShort {
            isReading = true
            actions.append(.read)
        }
        fillPlaces()
        defer { actions = [] }
        return actions
    }

    /// Removes what was not started or has to be repeated, in the order of the source.
    mutating func takeUnstarted() -> [SourcePosition] {
        var positions: [SourcePosition] = []
        for id in busy { positions += queues[id]?.removeAll() ?? [] }
        return positions.sorted()
    }

    // MARK: What happens

    /// - Parameter arrivals: nil at the end of the source.
    mutating func arrived(_ arrivals: [ListResolver.ResolvedItem]?) {
        isReading = false
        guard let arrivals else {
            progress.isListRead = true
            return
        }
        add(arrivals)
    }

    /// A message was requested.
    ///
    /// - Parameter found: what it holds.
    mutating func lookedUp(_ id: TenantQueue.ID, _ job: TenantQueue.Job, found: [ListResolver.ResolvedItem]) {
        finishAttempt(id, job)
        queues[id]?.breaker.recordResponse()
        add(found)
        advance(id)
    }

    private mutating func add(_ arrivals: [ListResolver.ResolvedItem]) {
        var touched: Set<TenantQueue.ID> = []
        for arrival in arrivals {
            switch arrival {
            case .settled(let event): report(event)
            case .start(let id, let position, let platform, let content):
                progress.queued += 1
                add(QueuedItem(position: position, content: content), to: id, platform)
                touched.insert(id)
            }
        }
        busy.formUnion(touched)
        for id in touched { advance(id) }
    }

    /// The permit that a queue waits for is due after so long.
    mutating func acquireWaits(_ id: TenantQueue.ID, _ wait: Duration) {
        if case .awaited = queues[id]?.permit { queues[id]?.permit = .awaited(due: clocks.instant() + wait) }
    }

    /// - Parameter waited: the time since the permit was requested.
    mutating func acquired(_ id: TenantQueue.ID, _ permit: QuotaPermit, waited: Duration) {
        // By the end of a pause it would be too old.
        guard let queue = queues[id], queue.maySend, queue.failure == nil else {
            queues[id]?.permit = .none
            return
        }
        queues[id]?.permit = .held(permit, waited: waited)
        ready.append(id)
    }

    /// All bytes are here: the place among the requests is free, though the disk has still to take them.
    mutating func received(_ id: TenantQueue.ID) {
        releasePlace(id)
        progress.storing += 1
        queues[id]?.storing += 1
        advance(id)
    }

    mutating func downloaded(
        _ id: TenantQueue.ID, _ job: TenantQueue.Job, _ item: FetchItem, _ outcome: DownloadOutcome
    ) {
        finishAttempt(id, job)
        if outcome.status == .downloaded { queues[id]?.breaker.recordResponse() }
        report(.done(item, outcome))
        if let content = job.content { settle(content, id, job, item) }
        advance(id)
    }

    mutating func retryIsDue(_ id: TenantQueue.ID, at position: SourcePosition) {
        guard let job = queues[id]?.waiting.removeValue(forKey: position) else { return }
        queues[id]?.retries.append(job)
        advance(id)
    }

    mutating func pauseEnded(_ id: TenantQueue.ID) {
        queues[id]?.pauses -= 1
        advance(id)
    }

    /// Starts nothing any more; what is in flight goes on to its end.
    mutating func stop() {
        isStopping = true
        ready.removeAll()
    }

    /// Requests the next permit where there is need and no reason to wait.
    mutating func advance(_ id: TenantQueue.ID) {
        retire(id)
        guard !isStopping, let queue = queues[id] else { return }
        if queue.failure != nil {
            if queue.hasWork { actions.append(.drain(id)) }
            return
        }
        guard case .none = queue.permit, queue.hasWork, queue.waiting.count < jobs, queue.maySend else { return }
        queues[id]?.permit = .awaited(due: nil)
        let timeLeft = queue.nextDeadline.map { $0 - clocks.instant() } ?? totalTime
        actions.append(.acquire(id, expecting: queue.count, within: max(timeLeft, .zero)))
    }

    /// Gives free places to queues with a permit: the one with the fewest jobs first. A queue that has more than its
    /// share gets one only while the reserve is left for the others, so that slow ones cannot take all.
    private mutating func fillPlaces() {
        while progress.active < jobs, progress.storing < Self.maximumStoring, !isStopping {
            let share = max(1, jobs / max(1, busy.count))
            let mayExceedShare = jobs - progress.active > reserve
            guard let id = ready.popFirst(of: queues, share: share, mayExceedShare: mayExceedShare) else { return }
            guard let queue = queues[id], case .held(let permit, let waited) = queue.permit else { continue }
            queues[id]?.permit = .none
            guard queue.failure == nil, queue.maySend, var job = nextJob(id, waited: waited) else { continue }
            job.generation = queue.breaker.generation
            progress.active += 1
            queues[id]?.active += 1
            actions.append(.download(id, job, permit, host: queue.host))
            advance(id)
        }
    }

    /// - Parameter waited: how much of its time a download that is started now has used up.
    mutating func nextJob(_ id: TenantQueue.ID, waited: Duration) -> TenantQueue.Job? {
        guard let job = queues[id]?.popFirst(deadline: clocks.instant() + totalTime - waited) else { return nil }
        progress.queued -= 1
        return job
    }

    mutating func finishAttempt(_ id: TenantQueue.ID, _ job: TenantQueue.Job) {
        guard job.isReceived else { return releasePlace(id) }
        progress.storing -= 1
        queues[id]?.storing -= 1
    }

    private mutating func releasePlace(_ id: TenantQueue.ID) {
        progress.active -= 1
        queues[id]?.active -= 1
    }

    mutating func retire(_ id: TenantQueue.ID) {
        if queues[id]?.isIdle ?? true { busy.remove(id) }
    }

    mutating func report(_ event: BulkEvent) {
        progress.count(event)
        actions.append(.report(event))
    }
}
