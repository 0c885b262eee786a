import FoundationEssentials
import LarkAPI

/// Does what takes time in a run: reads, waits, downloads. Each piece of work ends with an event.
struct BulkWorker: Sendable {
    /// What a run waits for.
    enum Event: Sendable {
        case arrived([ListResolver.ResolvedItem]?)
        case sourceFailed(any Error)
        case admitted(TenantQueue.ID, QuotaPermit)
        case notAdmitted(TenantQueue.ID, any Error)
        case received(TenantQueue.ID)
        case downloaded(TenantQueue.ID, TenantQueue.Job, DownloadOutcome)
        case attemptFailed(TenantQueue.ID, TenantQueue.Job, AttemptFailure)
        case comeBack(TenantQueue.ID, TenantQueue.Job)
        case rested(TenantQueue.ID)
        case drain(TenantQueue.ID)
        case stop
        case tick
    }

    let client: LarkClient
    let tokens: any TenantTokenProvider
    let quota: any RateLimiter
    let options: BulkOptions
    let timing: Clocks
    let resolver: ListResolver
    let output: OutputDirectory
    let inbox: AsyncStream<Event>.Continuation

    /// How often a run reports its progress.
    private static let tick = Duration.milliseconds(200)

    func read() async {
        do {
            inbox.yield(.arrived(try await resolver.next()))
        } catch {
            if !(error is CancellationError) { inbox.yield(.sourceFailed(error)) }
        }
    }

    func acquirePermit(for id: TenantQueue.ID, expecting count: Int) async {
        do {
            inbox.yield(.admitted(id, try await quota.acquire(id.api, for: id.tenant, expecting: count)))
        } catch {
            if !(error is CancellationError) { inbox.yield(.notAdmitted(id, error)) }
        }
    }

    /// Sends an event after a wait; nothing if the wait is cancelled.
    func send(_ event: Event, after wait: Duration) async {
        if await pause(wait) { inbox.yield(event) }
    }

    func sendTicks() async {
        while await pause(Self.tick) { inbox.yield(.tick) }
    }

    /// - Returns: false when the wait was cancelled.
    private func pause(_ wait: Duration) async -> Bool {
        do {
            try await timing.sleep(wait)
            return true
        } catch {
            return false
        }
    }

    func download(_ id: TenantQueue.ID, _ job: TenantQueue.Job, permit: QuotaPermit, host: LarkHost) async {
        var job = job
        let log = AttemptLog(attempts: job.attempts) { inbox.yield(.received(id)) }
        let start = timing.now()
        do {
            let target = DownloadTarget.named(
                try options.name(of: job.item), in: output, overwrite: options.overwrite)
            let outcome = try await download(job, to: target, log: log, permit: permit, host: host)
            job.note(log)
            inbox.yield(.downloaded(id, job, outcome))
        } catch {
            job.note(log)
            job.timeLeft -= .seconds(max(0, timing.now().timeIntervalSince(start)))
            inbox.yield(.attemptFailed(id, job, AttemptFailure(error, isInRoot: false)))
        }
    }

    private func download(
        _ job: TenantQueue.Job, to target: DownloadTarget, log: AttemptLog, permit: QuotaPermit, host: LarkHost
    ) async throws -> DownloadOutcome {
        let attempt = DownloadAttempt(
            client: client, host: host, tenant: job.item.tenant, tokens: tokens, quota: quota,
            limits: options.limits, timing: timing)
        let reference = job.item.reference
        return try await withDeadline(job.timeLeft, clocks: timing, error: .outOfTime(options.limits.totalTime)) {
            do {
                // Another process may have been faster.
                if let existing = try await target.existing(reference) { return existing }
            } catch {
                throw AttemptFailure(error, isInRoot: target.isInRoot)
            }
            return try await attempt.run(reference, to: target, log: log, permit: permit)
        }
    }
}
