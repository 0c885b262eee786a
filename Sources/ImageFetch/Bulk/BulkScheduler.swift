import LarkAPI
import SystemPackage

/// Decides what a run does next: a pure value that is told each event and returns actions. It never waits, so that a
/// test can play through any order of events.
struct BulkScheduler {
    /// What is to be done next.
    enum Action {
        case read
        case acquire(TenantQueue.ID, expecting: Int)
        case download(TenantQueue.ID, TenantQueue.Job, QuotaPermit, host: LarkHost)
        /// The job comes back by ``comeBack(_:_:)`` after so long.
        case wait(TenantQueue.ID, TenantQueue.Job, Duration)
        /// ``rested(_:)`` after so long.
        case rest(TenantQueue.ID, Duration)
        /// Some downloads of a queue that has ended fail; ``drain(_:)`` again for the others.
        case drain(TenantQueue.ID)
        case report(BulkEvent)
    }

    /// Items read ahead of their turn, so that a queue that has to wait does not hide the others.
    private static let readAhead = 10_000
    /// About how many items are in memory for all queues together; the others are in the spool.
    private static let inMemory = 16_384
    /// Files that the disk has still to take: more would only wait longer.
    private static let mostStoring = 64
    private let jobs: Int
    /// Places that a queue with more than its share leaves to others.
    private let reserve: Int
    private let totalTime: Duration
    private let random: @Sendable () -> Double
    private var spool: Spool
    private var queues: [TenantQueue.ID: TenantQueue] = [:]
    /// Those with something to do or to wait for.
    private var busy: Set<TenantQueue.ID> = []
    /// Queues with a permit and no place yet, in order of arrival.
    private var ready: [TenantQueue.ID] = []
    private var actions: [Action] = []
    private var isReading = false
    private var isSourceEmpty = false
    private(set) var isStopping = false
    private(set) var progress = BulkProgress()

    init(jobs: Int, totalTime: Duration, spool: Spool, random: @escaping @Sendable () -> Double) {
        self.jobs = jobs
        reserve = jobs / 4
        self.totalTime = totalTime
        self.spool = spool
        self.random = random
    }

    /// Whether nothing is left to do or to wait for.
    var isDone: Bool { progress.active + progress.storing == 0 && (isStopping || isSourceEmpty && busy.isEmpty) }

    /// The progress, including how many items have to wait.
    var snapshot: BulkProgress {
        var progress = progress
        progress.held = busy.reduce(0) { sum, id in sum + (queues[id].map { $0.isHeld ? $0.left : 0 } ?? 0) }
        return progress
    }

    /// What follows from all that happened since the last call.
    mutating func takeActions() throws -> [Action] {
        if !isStopping, !isSourceEmpty, !isReading, progress.queued < Self.readAhead || progress.active < jobs - reserve
        {
            isReading = true
            actions.append(.read)
        }
        try fillPlaces()
        defer { actions = [] }
        return actions
    }

    // MARK: What happens

    mutating func arrived(_ arrivals: [ListResolver.ResolvedItem]?) throws {
        isReading = false
        guard let arrivals else {
            isSourceEmpty = true
            progress.isListRead = true
            return
        }
        var touched: Set<TenantQueue.ID> = []
        for arrival in arrivals {
            switch arrival {
            case .settled(let event): report(event)
            case .download(let item, let host):
                let id = TenantQueue.ID(item)
                progress.queued += 1
                let limit = Self.inMemory / (queues.count + 1)
                try queues[id, default: TenantQueue(host: host)].queue.append(item, memory: limit, spool: &spool)
                touched.insert(id)
            }
        }
        busy.formUnion(touched)
        for id in touched { advance(id) }
    }

    mutating func admitted(_ id: TenantQueue.ID, _ permit: QuotaPermit) {
        // By the end of a rest it would be too old.
        guard let queue = queues[id], queue.mayBegin else {
            queues[id]?.permit = .none
            return
        }
        queues[id]?.permit = .held(permit)
        ready.append(id)
    }

    /// No permit was granted: the store behind the quota is busy or broken, or the tenant is gone.
    mutating func notAdmitted(_ id: TenantQueue.ID, _ error: any Error) {
        queues[id]?.permit = .none
        if error.isTransient { rest(id, .seconds(1)) } else { end(id, error) }
    }

    /// All bytes are here: the place among the requests is free, though the disk has still to take them.
    mutating func received(_ id: TenantQueue.ID) {
        leave(id)
        progress.storing += 1
        queues[id]?.storing += 1
        advance(id)
    }

    mutating func downloaded(_ id: TenantQueue.ID, _ job: TenantQueue.Job, _ outcome: DownloadOutcome) {
        finish(id, job)
        if outcome.status == .downloaded { queues[id]?.breaker.answered() }
        report(.done(job.item, outcome))
        advance(id)
    }

    mutating func attemptFailed(_ id: TenantQueue.ID, _ job: TenantQueue.Job, _ failure: AttemptFailure) {
        finish(id, job)
        var job = job
        let error = failure.error
        let wait = RetryPolicy.bulk.wait(after: failure, counting: &job.failures, random: random())
        switch failure.effect {
        case .throttled:
            guard let wait else {
                fail(job, LarkError.putOff(times: job.failures.throttlings))
                break
            }
            again(id, job)
            rest(id, wait)
        case .transient:
            retry(id, job, after: wait, because: error)
        case .permanent:
            // What failed on our side says nothing about the platform.
            if (error as? LarkError)?.httpStatus != nil { queues[id]?.breaker.answered() }
            fail(job, error)
        case .failsTenant:
            fail(job, error)
            for other in queues.keys where other.tenant == id.tenant { end(other, error) }
        case .failsRun:
            fail(job, error)
            stop()
        }
        advance(id)
    }

    mutating func comeBack(_ id: TenantQueue.ID, _ job: TenantQueue.Job) {
        queues[id]?.waiting -= 1
        progress.queued -= 1
        again(id, job)
        advance(id)
    }

    mutating func rested(_ id: TenantQueue.ID) {
        queues[id]?.rests -= 1
        advance(id)
    }

    /// Fails some more downloads of a queue that has ended.
    mutating func drain(_ id: TenantQueue.ID) throws {
        guard !isStopping, let error = queues[id]?.end else { return }
        for _ in 0..<256 {
            guard let job = try nextJob(id) else { return retire(id) }
            fail(job, error)
        }
        actions.append(.drain(id))
    }

    /// Begins nothing any more; what is under way goes on to its end.
    mutating func stop() {
        isStopping = true
        ready = []
    }

    // MARK: What follows

    /// Asks for the next permit where there is need and no reason to wait.
    private mutating func advance(_ id: TenantQueue.ID) {
        retire(id)
        guard !isStopping, let queue = queues[id] else { return }
        if queue.end != nil {
            if queue.hasWork { actions.append(.drain(id)) }
            return
        }
        guard case .none = queue.permit, queue.hasWork, queue.waiting < jobs, queue.mayBegin else { return }
        queues[id]?.permit = .awaited
        actions.append(.acquire(id, expecting: queue.left))
    }

    /// Gives free places to queues with a permit: the one with the fewest jobs first. A queue that has more than its
    /// share gets one only while the reserve is left for the others, so that slow ones cannot take all.
    private mutating func fillPlaces() throws {
        while progress.active < jobs, progress.storing < Self.mostStoring, !isStopping {
            let share = max(1, jobs / max(1, busy.count))
            let free = jobs - progress.active
            let candidates = ready.prefix(64)
                .filter { id in
                    let active = queues[id]?.active ?? 0
                    return active < share || free > reserve
                }
            guard let id = candidates.min(by: { queues[$0]?.active ?? 0 < queues[$1]?.active ?? 0 }) else { return }
            ready.removeAll { $0 == id }
            guard case .held(let permit) = queues[id]?.permit else { continue }
            queues[id]?.permit = .none
            guard queues[id]?.end == nil, queues[id]?.mayBegin == true, let host = queues[id]?.host,
                let generation = queues[id]?.breaker.generation,
                var job = try nextJob(id)
            else { continue }
            job.generation = generation
            progress.active += 1
            queues[id]?.active += 1
            actions.append(.download(id, job, permit, host: host))
            advance(id)
        }
    }

    private mutating func nextJob(_ id: TenantQueue.ID) throws -> TenantQueue.Job? {
        if queues[id]?.again.isEmpty == false, let job = queues[id]?.again.removeFirst() {
            progress.queued -= 1
            return job
        }
        guard let item = try queues[id]?.queue.popFirst(from: spool) else { return nil }
        progress.queued -= 1
        return TenantQueue.Job(item: item, timeLeft: totalTime)
    }

    private mutating func retry(
        _ id: TenantQueue.ID, _ job: TenantQueue.Job, after wait: Duration?, because error: any Error
    ) {
        let verdict = queues[id]?.breaker.failed(startedIn: job.generation, random: random()) ?? .lost
        if verdict == .lost {
            end(id, error)
        } else if case .rest(let pause) = verdict {
            rest(id, pause)
        }
        guard let wait, job.timeLeft > .zero, verdict != .lost else { return fail(job, error) }
        if queues[id]?.isResting == true {
            again(id, job)
        } else {
            queues[id]?.waiting += 1
            progress.queued += 1
            actions.append(.wait(id, job, wait))
        }
    }

    private mutating func again(_ id: TenantQueue.ID, _ job: TenantQueue.Job) {
        queues[id]?.again.append(job)
        progress.queued += 1
    }

    private mutating func rest(_ id: TenantQueue.ID, _ wait: Duration) {
        queues[id]?.rests += 1
        actions.append(.rest(id, wait))
    }

    private mutating func end(_ id: TenantQueue.ID, _ error: any Error) {
        guard queues[id]?.end == nil else { return }
        queues[id]?.end = error
        ready.removeAll { $0 == id }
        advance(id)
    }

    private mutating func finish(_ id: TenantQueue.ID, _ job: TenantQueue.Job) {
        guard job.isReceived else { return leave(id) }
        progress.storing -= 1
        queues[id]?.storing -= 1
    }

    private mutating func leave(_ id: TenantQueue.ID) {
        progress.active -= 1
        queues[id]?.active -= 1
    }

    private mutating func retire(_ id: TenantQueue.ID) {
        if queues[id]?.isIdle ?? true { busy.remove(id) }
    }

    private mutating func fail(_ job: TenantQueue.Job, _ error: any Error) {
        report(.failed(job.item, DownloadFailure(error: error, attempts: job.attempts)))
    }

    private mutating func report(_ event: BulkEvent) {
        progress.count(event)
        actions.append(.report(event))
    }
}
