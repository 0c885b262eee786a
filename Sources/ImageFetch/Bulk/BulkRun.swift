import LarkAPI
import SystemPackage

/// One run of a ``BulkDownload``.
///
/// One task takes the events and decides. Downloads are children of one group, and everything that only waits of
/// another, which ends with the decision to begin nothing more.
struct BulkRun {
    private var scheduler: BulkScheduler
    private let worker: BulkWorker
    private let events: AsyncStream<BulkWorker.Event>
    private let show: ((BulkProgress) -> Void)?

    init(
        _ scheduler: BulkScheduler, worker: BulkWorker, events: AsyncStream<BulkWorker.Event>,
        show: ((BulkProgress) -> Void)?
    ) {
        self.scheduler = scheduler
        self.worker = worker
        self.events = events
        self.show = show
    }

    /// Runs to the end.
    ///
    /// - Parameter stops: ends the run early with its first element.
    /// - Throws: as ``BulkDownload/run(_:stops:show:report:)``.
    mutating func run(
        stops: AsyncStream<Void>?, report: (BulkEvent) async throws -> Void
    ) async throws -> BulkProgress {
        var failure: (any Error)?
        await withDiscardingTaskGroup { downloads in
            await withDiscardingTaskGroup { waits in
                let worker = worker
                if let stops { waits.addTask { for await _ in stops { worker.inbox.yield(.stop) } } }
                if show != nil { downloads.addTask { await worker.sendTicks() } }
                do {
                    try await takeEvents(&downloads, &waits, report)
                } catch let error as Errno {
                    failure = ImageFetchError.spooling(in: worker.options.spoolDirectory, error)
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
        show?(scheduler.snapshot)
        return scheduler.snapshot
    }

    private mutating func takeEvents(
        _ downloads: inout DiscardingTaskGroup, _ waits: inout DiscardingTaskGroup,
        _ report: (BulkEvent) async throws -> Void
    ) async throws {
        var iterator = events.makeAsyncIterator()
        try await perform(&downloads, &waits, report)
        while !Task.isCancelled, !scheduler.isDone, let event = await iterator.next() {
            if case .tick = event { show?(scheduler.snapshot) }
            let wasStopping = scheduler.isStopping
            try take(event)
            if scheduler.isStopping, !wasStopping { waits.cancelAll() }
            try await perform(&downloads, &waits, report)
        }
    }

    private mutating func take(_ event: BulkWorker.Event) throws {
        switch event {
        case .arrived(let items): try scheduler.arrived(items)
        case .sourceFailed(let error): throw error
        case .admitted(let id, let permit): scheduler.admitted(id, permit)
        case .notAdmitted(let id, let error): scheduler.notAdmitted(id, error)
        case .received(let id): scheduler.received(id)
        case .downloaded(let id, let job, let outcome): scheduler.downloaded(id, job, outcome)
        case .attemptFailed(let id, let job, let failure): scheduler.attemptFailed(id, job, failure)
        case .comeBack(let id, let job): scheduler.comeBack(id, job)
        case .rested(let id): scheduler.rested(id)
        case .drain(let id): try scheduler.drain(id)
        case .stop: scheduler.stop()
        case .tick: break
        }
    }

    private mutating func perform(
        _ downloads: inout DiscardingTaskGroup, _ waits: inout DiscardingTaskGroup,
        _ report: (BulkEvent) async throws -> Void
    ) async throws {
        let worker = worker
        for action in try scheduler.takeActions() {
            switch action {
            case .report(let event): try await report(event)
            case .drain(let id): worker.inbox.yield(.drain(id))
            case .read: waits.addTask { await worker.read() }
            case .acquire(let id, let count): waits.addTask { await worker.acquirePermit(for: id, expecting: count) }
            case .wait(let id, let job, let wait):
                waits.addTask { await worker.send(.comeBack(id, job), after: wait) }
            case .rest(let id, let wait): waits.addTask { await worker.send(.rested(id), after: wait) }
            case .download(let id, let job, let permit, let host):
                downloads.addTask { await worker.download(id, job, permit: permit, host: host) }
            }
        }
    }
}
