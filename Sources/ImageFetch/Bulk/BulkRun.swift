import LarkAPI

/// One run of a ``BulkDownload``.
///
/// One task handles the events and decides. Downloads are children of one group, and everything that only waits of
/// another, which is cancelled with the decision to start nothing more.
struct BulkRun {
    /// What a run reports to.
    struct Observer {
        let show: ((BulkProgress) -> Void)?
        let report: (BulkEvent) async throws -> Void
        let flush: () async throws -> Void
    }

    private var scheduler: BulkScheduler
    private let worker: BulkWorker
    private let events: AsyncStream<BulkWorker.Event>
    private let observer: Observer

    /// How long a pipe may deliver nothing before the rest of a list is given up.
    private static let patience = Duration.seconds(1)

    init(
        _ scheduler: BulkScheduler, worker: BulkWorker, events: AsyncStream<BulkWorker.Event>, observer: Observer
    ) {
        self.scheduler = scheduler
        self.worker = worker
        self.events = events
        self.observer = observer
    }

    /// Runs to the end.
    ///
    /// - Parameter stops: ends the run early with its first element.
    /// - Throws: as ``BulkDownload/run(_:stops:show:report:flush:)``.
    mutating func run(stops: AsyncStream<Void>?) async throws -> BulkProgress {
        var failure: (any Error)?
        await withDiscardingTaskGroup { downloads in
            await withDiscardingTaskGroup { waits in
                let worker = worker
                if let stops { waits.addTask { for await _ in stops { worker.inbox.yield(.stop) } } }
                if observer.show != nil { downloads.addTask { await worker.sendTicks() } }
                do {
                    try await handleEvents(&downloads, &waits)
                    if scheduler.isStopping, !Task.isCancelled { try await reportUnstarted() }
                } catch {
                    failure = error
                }
                // No download is left, unless the run was cancelled or failed.
                downloads.cancelAll()
                waits.cancelAll()
            }
        }
        try Task.checkCancellation()
        if let failure { throw failure }
        observer.show?(scheduler.snapshot)
        return scheduler.snapshot
    }

    private mutating func handleEvents(
        _ downloads: inout DiscardingTaskGroup, _ waits: inout DiscardingTaskGroup
    ) async throws {
        var iterator = events.makeAsyncIterator()
        try await perform(&downloads, &waits)
        while !Task.isCancelled, !scheduler.isDone, let event = await iterator.next() {
            let wasStopping = scheduler.isStopping
            try handle(event)
            if scheduler.isStopping, !wasStopping { waits.cancelAll() }
            try await perform(&downloads, &waits)
        }
    }

    private mutating func handle(_ event: BulkWorker.Event) throws {
        switch event {
        case .arrived(let items): scheduler.arrived(items)
        case .sourceFailed(let error): throw error
        case .acquireWaits(let id, let wait): scheduler.acquireWaits(id, wait)
        case .acquired(let id, let permit, let waited): scheduler.acquired(id, permit, waited: waited)
        case .acquireFailed(let id, let error): scheduler.acquireFailed(id, error)
        case .acquireTimedOut(let id, let error): scheduler.acquireTimedOut(id, error)
        case .received(let id): scheduler.received(id)
        case .downloaded(let id, let job, let item, let outcome): scheduler.downloaded(id, job, item, outcome)
        case .lookedUp(let id, let job, let items): scheduler.lookedUp(id, job, found: items)
        case .linked(let id, let position, let event): scheduler.linked(id, at: position, event)
        case .attemptFailed(let id, let job, let item, let failure): scheduler.attemptFailed(id, job, item, failure)
        case .retryIsDue(let id, let position): scheduler.retryIsDue(id, at: position)
        case .pauseEnded(let id): scheduler.pauseEnded(id)
        case .drain(let id): scheduler.drain(id)
        case .stop: scheduler.stop()
        case .tick: observer.show?(scheduler.snapshot)
        }
    }

    private mutating func perform(
        _ downloads: inout DiscardingTaskGroup, _ waits: inout DiscardingTaskGroup
    ) async throws {
        let worker = worker
        var hasReported = false
        for action in scheduler.takeActions() {
            switch action {
            case .report(let event):
                try await observer.report(event)
                hasReported = true
            case .fail(let jobs, let error):
                for job in jobs {
                    let item = try await worker.resolver.item(at: job.position)
                    try await observer.report(item.failed(error, attempts: job.attempts))
                }
                hasReported = true
            case .drain(let id): worker.inbox.yield(.drain(id))
            case .read: waits.addTask { await worker.read() }
            case .acquire(let id, let count, let limit):
                waits.addTask { await worker.acquirePermit(for: id, expecting: count, within: limit) }
            case .wait(let id, let position, let wait):
                waits.addTask { await worker.send(.retryIsDue(id, position), after: wait) }
            case .pause(let id, let wait): waits.addTask { await worker.send(.pauseEnded(id), after: wait) }
            case .download(let id, let job, let permit, let host):
                downloads.addTask { await worker.run(id, job, permit: permit, host: host) }
            case .link(let id, let positions, let download):
                downloads.addTask { await worker.link(positions, to: download, id) }
            }
        }
        if hasReported { try await observer.flush() }
    }

    /// Reports what was not started, the part of the list that was not read included.
    private mutating func reportUnstarted() async throws {
        guard worker.options.reportsUnstarted else { return }
        for position in scheduler.takeUnstarted() {
            try await observer.report(try await worker.resolver.item(at: position).unstarted)
        }
        while !scheduler.progress.isListRead {
            let arrivals = try await worker.resolver.next(patience: Self.patience)
            let isIncomplete = await !worker.resolver.isComplete
            if arrivals == nil, isIncomplete { break }
            scheduler.arrived(arrivals)
            for action in scheduler.takeActions() {
                if case .report(let event) = action { try await observer.report(event) }
            }
            for position in scheduler.takeUnstarted() {
                try await observer.report(try await worker.resolver.item(at: position).unstarted)
            }
        }
        try await observer.flush()
    }
}

extension BulkScheduler {
    /// What is to be done next.
    enum Action {
        case read
        /// Requests a permit, and gives up after the time that the next download has left.
        case acquire(TenantQueue.ID, expecting: Int, within: Duration)
        case download(TenantQueue.ID, TenantQueue.Job, QuotaPermit, host: LarkHost)
        /// What was downloaded at a position gets the names of others; ``linked(_:at:_:)`` for each.
        case link(TenantQueue.ID, [SourcePosition], to: SourcePosition)
        /// ``retryIsDue(_:at:)`` after so long.
        case wait(TenantQueue.ID, SourcePosition, Duration)
        /// ``pauseEnded(_:)`` after so long.
        case pause(TenantQueue.ID, Duration)
        /// Some downloads of a queue that has failed are reported; ``drain(_:)`` again for the others.
        case drain(TenantQueue.ID)
        /// Downloads fail that are not in memory.
        case fail([TenantQueue.Job], any Error)
        case report(BulkEvent)
    }
}
