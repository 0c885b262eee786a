import FoundationEssentials
public import LarkAPI
import SystemPackage

/// Downloads many images of many tenants: side by side, fairly, at the pace of each tenant's quota, in bounded memory.
public struct BulkDownload: Sendable {
    private let client: LarkClient
    private let tokens: any TenantTokenProvider
    private let quota: any RateLimiter
    private let options: BulkOptions
    private let timing: Clocks
    private let host: @Sendable (TenantName) async throws -> LarkHost

    /// How often a run tells how it stands.
    private static let tick = Duration.milliseconds(200)
    /// How many waits for the disk may overlap.
    private static let diskThreads = 16

    /// Downloads for any tenants.
    ///
    /// - Parameters:
    ///   - client: sends the requests; it should allow as many connections as there are jobs.
    ///   - tokens: where tokens come from.
    ///   - quota: says when a request may leave.
    ///   - options: how it is done.
    ///   - timing: the waits between tries.
    ///   - host: where a tenant's app lives; throws for a tenant it does not know.
    public init(
        client: LarkClient, tokens: any TenantTokenProvider, quota: any RateLimiter, options: BulkOptions,
        timing: Clocks = .system, host: @escaping @Sendable (TenantName) async throws -> LarkHost
    ) {
        self.client = client
        self.tokens = tokens
        self.quota = quota
        self.options = options
        self.timing = timing
        self.host = host
    }

    /// Runs until everything is downloaded, has failed, or the run is stopped.
    ///
    /// What cannot pass fails at once; what may pass is tried five times in all, without keeping anyone else waiting. A
    /// tenant that is refused as a whole fails as a whole, without further requests. A disk that is full ends the run.
    ///
    /// - Parameters:
    ///   - source: what to download.
    ///   - stops: the first thing that comes begins nothing any more; what is under way is finished.
    ///   - show: told every 200 ms how the run stands.
    ///   - report: told what became of each line, one after the other.
    /// - Returns: how the run ended.
    /// - Throws: what `report` throws; ``ImageFetchError`` when the list or the spool fails; `CancellationError` when
    ///   the task is cancelled. No partial file is left in any case.
    public func run(
        _ source: FetchSource, stops: AsyncStream<Void>? = nil, show: ((BulkProgress) -> Void)? = nil,
        report: (BulkEvent) async throws -> Void
    ) async throws -> BulkProgress {
        try await OutputDirectory.with(root: FilePath(options.directory), threads: Self.diskThreads) { tree in
            try await SpoolFile.with(in: options.spoolDirectory) { queues in
                try await SpoolFile.with(in: options.spoolDirectory) { seen in
                    try await SpoolFile.with(in: options.spoolDirectory) { outputs in
                        let resolver = ListResolver(
                            source, options: options, tree: tree, seen: seen, outputs: outputs, timing: timing,
                            host: host)
                        let schedule = BulkScheduler(
                            jobs: max(1, min(options.jobs, 256)), totalTime: options.limits.totalTime,
                            spool: Spool(queues), random: timing.random)
                        return try await run(schedule, resolver, tree, stops, show, report)
                    }
                }
            }
        }
    }

    /// What a run waits for.
    private enum Event: Sendable {
        case arrived([ListResolver.ResolvedItem]?)
        case sourceFailed(any Error)
        case admitted(TenantQueue.ID, QuotaPermit)
        case notAdmitted(TenantQueue.ID, any Error)
        case received(TenantQueue.ID)
        case downloaded(TenantQueue.ID, TenantQueue.Job, DownloadOutcome)
        case attemptFailed(TenantQueue.ID, TenantQueue.Job, BulkScheduler.AttemptFailure)
        case comeBack(TenantQueue.ID, TenantQueue.Job)
        case rested(TenantQueue.ID)
        case drain(TenantQueue.ID)
        case stop
        case tick
    }

    /// One task takes the events and decides; downloads are children of one group and everything that only waits of
    /// another, which ends with the decision that nothing more is begun.
    private func run(
        _ start: BulkScheduler, _ resolver: ListResolver, _ tree: OutputDirectory, _ stops: AsyncStream<Void>?,
        _ show: ((BulkProgress) -> Void)?, _ report: (BulkEvent) async throws -> Void
    ) async throws -> BulkProgress {
        var schedule = start
        // What waits in it comes from the children of the two groups, of which there is a bounded number.
        let (events, inbox) = AsyncStream.makeStream(of: Event.self)
        var failure: (any Error)?
        await withDiscardingTaskGroup { downloads in
            await withDiscardingTaskGroup { waits in
                if let stops { waits.addTask { for await _ in stops { inbox.yield(.stop) } } }
                if show != nil { downloads.addTask { await self.tick(inbox) } }
                do {
                    try await perform(&schedule, resolver, tree, inbox, &downloads, &waits, report)
                    var inboxEvents = events.makeAsyncIterator()
                    while !Task.isCancelled, !schedule.isDone, let event = await inboxEvents.next() {
                        if case .tick = event { show?(schedule.snapshot) }
                        let wasStopping = schedule.isStopping
                        try take(event, &schedule)
                        if schedule.isStopping, !wasStopping { waits.cancelAll() }
                        try await perform(&schedule, resolver, tree, inbox, &downloads, &waits, report)
                    }
                } catch let error as Errno {
                    failure = ImageFetchError.spooling(in: options.spoolDirectory, error)
                } catch {
                    failure = error
                }
                // Of the downloads none is left, unless the run was broken off.
                downloads.cancelAll()
                waits.cancelAll()
            }
        }
        try Task.checkCancellation()
        if let failure { throw failure }
        show?(schedule.snapshot)
        return schedule.snapshot
    }

    private func take(_ event: Event, _ schedule: inout BulkScheduler) throws {
        switch event {
        case .arrived(let arrivals): try schedule.arrived(arrivals)
        case .sourceFailed(let error): throw error
        case .admitted(let id, let permit): schedule.admitted(id, permit)
        case .notAdmitted(let id, let error): schedule.notAdmitted(id, error)
        case .received(let id): schedule.received(id)
        case .downloaded(let id, let job, let outcome): schedule.downloaded(id, job, outcome)
        case .attemptFailed(let id, let job, let failure): schedule.attemptFailed(id, job, failure)
        case .comeBack(let id, let job): schedule.comeBack(id, job)
        case .rested(let id): schedule.rested(id)
        case .drain(let id): try schedule.drain(id)
        case .stop: schedule.stop()
        case .tick: break
        }
    }

    private func perform(
        _ schedule: inout BulkScheduler, _ resolver: ListResolver, _ tree: OutputDirectory,
        _ inbox: AsyncStream<Event>.Continuation, _ downloads: inout DiscardingTaskGroup,
        _ waits: inout DiscardingTaskGroup, _ report: (BulkEvent) async throws -> Void
    ) async throws {
        for action in try schedule.takeActions() {
            switch action {
            case .report(let event): try await report(event)
            case .drain(let id): inbox.yield(.drain(id))
            case .read:
                waits.addTask {
                    do {
                        inbox.yield(.arrived(try await resolver.next()))
                    } catch {
                        if !(error is CancellationError) { inbox.yield(.sourceFailed(error)) }
                    }
                }
            case .acquire(let id, let expected):
                waits.addTask {
                    do {
                        inbox.yield(.admitted(id, try await quota.acquire(id.api, for: id.tenant, expecting: expected)))
                    } catch {
                        if !(error is CancellationError) { inbox.yield(.notAdmitted(id, error)) }
                    }
                }
            case .wait(let id, let job, let wait):
                waits.addTask { if await pause(wait) { inbox.yield(.comeBack(id, job)) } }
            case .rest(let id, let wait):
                waits.addTask { if await pause(wait) { inbox.yield(.rested(id)) } }
            case .download(let id, let job, let permit, let host):
                downloads.addTask { await download(id, job, permit, host, tree, inbox) }
            }
        }
    }

    /// - Returns: false when the wait was ended.
    private func pause(_ wait: Duration) async -> Bool {
        do {
            try await timing.sleep(wait)
            return true
        } catch {
            return false
        }
    }

    private func tick(_ inbox: AsyncStream<Event>.Continuation) async {
        while await pause(Self.tick) { inbox.yield(.tick) }
    }

    private func download(
        _ id: TenantQueue.ID, _ job: TenantQueue.Job, _ permit: QuotaPermit, _ host: LarkHost, _ tree: OutputDirectory,
        _ inbox: AsyncStream<Event>.Continuation
    ) async {
        let transfer = DownloadAttempt(
            client: client, host: host, tenant: id.tenant, tokens: tokens, quota: quota, limits: options.limits,
            timing: timing)
        var job = job
        let log = AttemptLog(attempts: job.attempts) { inbox.yield(.received(id)) }
        let start = timing.now()
        var isInRoot = false
        do {
            let name = try options.name(of: job.item)
            isInRoot = name.directories.isEmpty
            let target = DownloadTarget.named(name, in: tree, overwrite: options.overwrite)
            let outcome = try await withDeadline(
                job.timeLeft, timing: timing, error: .outOfTime(options.limits.totalTime)
            ) { [job] in
                // Another process may have been faster.
                if let existing = try await target.existing(job.item.reference) { return existing }
                return try await transfer.run(job.item.reference, to: target, noting: log, permit: permit)
            }
            job.note(log)
            inbox.yield(.downloaded(id, job, outcome))
        } catch {
            job.note(log)
            job.timeLeft -= .seconds(max(0, timing.now().timeIntervalSince(start)))
            inbox.yield(.attemptFailed(id, job, BulkScheduler.AttemptFailure(error, isInRoot: isInRoot)))
        }
    }
}
