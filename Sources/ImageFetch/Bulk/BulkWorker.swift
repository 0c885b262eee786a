import FoundationEssentials
import LarkAPI

/// Does what takes time in a run: reads, waits, downloads. Each piece of work ends with an event.
struct BulkWorker: Sendable {
    /// What a run waits for.
    enum Event: Sendable {
        case arrived([ListResolver.ResolvedItem]?)
        case sourceFailed(any Error)
        case acquireWaits(TenantQueue.ID, Duration)
        case acquired(TenantQueue.ID, QuotaPermit, waited: Duration)
        case acquireFailed(TenantQueue.ID, any Error)
        case acquireTimedOut(TenantQueue.ID, any Error)
        case received(TenantQueue.ID)
        case downloaded(TenantQueue.ID, TenantQueue.Job, FetchItem, DownloadOutcome)
        case attemptFailed(TenantQueue.ID, TenantQueue.Job, FetchItem, AttemptFailure)
        case retryIsDue(TenantQueue.ID, SourcePosition)
        case pauseEnded(TenantQueue.ID)
        case drain(TenantQueue.ID)
        case stop
        case tick
    }

    let context: DownloadContext
    let options: BulkOptions
    let resolver: ListResolver
    let output: OutputDirectory
    let inbox: AsyncStream<Event>.Continuation

    /// How often a run reports its progress.
    private static let tick = Duration.milliseconds(200)
    private static let shortestReportedWait = Duration.seconds(1)

    /// Reads on. Ends with an event also when it is cancelled, which loses nothing.
    func read() async {
        do {
            inbox.yield(.arrived(try await resolver.next()))
        } catch is CancellationError {
            inbox.yield(.arrived([]))
        } catch {
            inbox.yield(.sourceFailed(error))
        }
    }

    func acquirePermit(for id: TenantQueue.ID, expecting count: Int, within limit: Duration) async {
        let start = context.clocks.instant()
        do {
            let permit = try await withDeadline(limit, clocks: context.clocks, error: .noPermit(within: limit)) {
                try await context.quota.acquire(id.api, for: id.tenant, expecting: count) { end in
                    let wait = Duration.seconds(end.timeIntervalSince(context.clocks.now()))
                    // Shorter ones are the usual pace.
                    if wait >= Self.shortestReportedWait { inbox.yield(.acquireWaits(id, wait)) }
                }
            }
            inbox.yield(.acquired(id, permit, waited: context.clocks.instant() - start))
        } catch let error as LarkError where error.isNoPermit {
            inbox.yield(.acquireTimedOut(id, error))
        } catch {
            if !(error is CancellationError) { inbox.yield(.acquireFailed(id, error)) }
        }
    }

    /// Sends an event after a wait; nothing if the wait is cancelled.
    func send(_ event: Event, after wait: Duration) async {
        if await sleep(wait) { inbox.yield(event) }
    }

    func sendTicks() async {
        while await sleep(Self.tick) { inbox.yield(.tick) }
    }

    /// - Returns: false when the wait was cancelled.
    private func sleep(_ wait: Duration) async -> Bool {
        do {
            try await context.clocks.sleep(wait)
            return true
        } catch {
            return false
        }
    }

    func download(_ id: TenantQueue.ID, _ job: TenantQueue.Job, permit: QuotaPermit, host: LarkHost) async {
        do {
            let item = try await resolver.item(at: job.position)
            await download(item, id, job, permit: permit, host: host)
        } catch {
            if !(error is CancellationError) { inbox.yield(.sourceFailed(error)) }
        }
    }

    private func download(
        _ item: FetchItem, _ id: TenantQueue.ID, _ job: TenantQueue.Job, permit: QuotaPermit, host: LarkHost
    ) async {
        var job = job
        let log = AttemptLog(attempts: job.attempts) { inbox.yield(.received(id)) }
        do {
            let target = DownloadTarget.named(
                try options.name(of: item), in: output, overwrite: options.overwrite)
            let attempt = DownloadAttempt(
                context: context, host: host, tenant: item.tenant, reference: item.reference, target: target, log: log)
            let timeLeft = max(job.deadline - context.clocks.instant(), .zero)
            let outcome = try await withDeadline(
                timeLeft, clocks: context.clocks, error: .outOfTime(options.limits.totalTime)
            ) {
                // Another process may have been faster.
                if let existing = try await attempt.existing() {
                    await context.quota.takeBack(permit)
                    return existing
                }
                return try await attempt.run(permit: permit)
            }
            job.record(log)
            inbox.yield(.downloaded(id, job, item, outcome))
        } catch {
            job.record(log)
            inbox.yield(.attemptFailed(id, job, item, AttemptFailure(error, isInRoot: false)))
        }
    }
}
