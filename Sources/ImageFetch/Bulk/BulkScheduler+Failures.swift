import LarkAPI

/// What fails, what is repeated, and what is given up.
extension BulkScheduler {
    private static let drainSize = 256

    /// No permit was granted: the store behind the rate limit is busy or broken, or the tenant was removed.
    mutating func acquireFailed(_ id: TenantQueue.ID, _ error: any Error) {
        queues[id]?.permit = .none
        if error.isTransient { pause(id, .seconds(1)) } else { fail(id, error) }
    }

    /// No permit was granted within the time that the next download had left. During an outage, that is the reason.
    mutating func acquireTimedOut(_ id: TenantQueue.ID, _ error: any Error) {
        queues[id]?.permit = .none
        let outage = queues[id].flatMap { $0.breaker.isOpen ? $0.outage : nil }
        if queues[id]?.failure == nil, let job = nextJob(id, waited: .zero) { fail(id, [job], outage ?? error) }
        advance(id)
    }

    mutating func attemptFailed(
        _ id: TenantQueue.ID, _ job: TenantQueue.Job, _ item: BulkItem, _ failure: AttemptFailure
    ) {
        finishAttempt(id, job)
        var job = job
        let error = failure.error
        // The breaker limits its probes by itself: the same few downloads may be the probes of a whole outage.
        let isProbe = failure.effect == .transient && queues[id]?.breaker.isProbed(in: job.generation) == true
        var wait =
            isProbe ? .zero : RetryPolicy.bulk.wait(after: failure, counting: &job.failures, random: clocks.random())
        if let duration = wait, clocks.instant() + duration >= job.deadline { wait = nil }
        switch failure.effect {
        case .throttled(let pause):
            if wait != nil {
                repeatLater(id, job)
            } else {
                let isPutOff = job.failures.throttlings >= RetryPolicy.bulk.maximumThrottlings
                fail(id, job, item, isPutOff ? LarkError.putOff(times: job.failures.throttlings) : error)
            }
            // No download of the queue can wait longer than its time.
            if pause < totalTime { self.pause(id, pause) } else { fail(id, error) }
        case .transient:
            retry(id, job, item, after: wait, because: error)
        case .permanent:
            // A failure on this side says nothing about the platform.
            if (error as? LarkError)?.httpStatus != nil { queues[id]?.breaker.recordResponse() }
            fail(id, job, item, error)
        case .failsTenant:
            fail(id, job, item, error)
            for id in TenantQueue.ID.all(of: id.tenant) { fail(id, error) }
        case .failsRun:
            fail(id, job, item, error)
            stop()
        }
        advance(id)
    }

    /// Fails some more downloads of a queue that has failed.
    mutating func drain(_ id: TenantQueue.ID) {
        guard !isStopping, let error = queues[id]?.failure else { return }
        var jobs: [TenantQueue.Job] = []
        while jobs.count < Self.drainSize, let job = nextJob(id, waited: .zero) { jobs.append(job) }
        fail(id, jobs, error)
        if queues[id]?.hasWork == true { actions.append(.drain(id)) } else { retire(id) }
    }

    private mutating func retry(
        _ id: TenantQueue.ID, _ job: TenantQueue.Job, _ item: BulkItem, after wait: Duration?, because error: any Error
    ) {
        let state = queues[id]?.breaker.recordFailure(startedIn: job.generation, random: clocks.random()) ?? .tripped
        if queues[id]?.breaker.isOpen == true { queues[id]?.outage = error }
        if case .open(let duration) = state { pause(id, duration) }
        guard let wait, state != .tripped else {
            fail(id, job, item, error)
            if state == .tripped { fail(id, error) }
            return
        }
        if queues[id]?.isPaused == true {
            repeatLater(id, job)
        } else {
            queues[id]?.waiting[job.position] = job
            progress.queued += 1
            actions.append(.wait(id, job.position, wait))
        }
    }

    private mutating func repeatLater(_ id: TenantQueue.ID, _ job: TenantQueue.Job) {
        queues[id]?.retries.append(job)
        progress.queued += 1
    }

    private mutating func pause(_ id: TenantQueue.ID, _ duration: Duration) {
        queues[id]?.pauses += 1
        actions.append(.pause(id, duration))
    }

    private mutating func fail(_ id: TenantQueue.ID, _ error: any Error) {
        guard queues[id] != nil, queues[id]?.failure == nil else { return }
        queues[id]?.failure = error
        advance(id)
    }

    private mutating func fail(
        _ id: TenantQueue.ID, _ job: TenantQueue.Job, _ item: BulkItem, _ error: any Error
    ) {
        report(item.failed(error, attempts: job.attempts))
        if let content = job.content { fail(followersOf: content, id, error) }
    }

    private mutating func fail(_ id: TenantQueue.ID, _ jobs: [TenantQueue.Job], _ error: any Error) {
        guard !jobs.isEmpty else { return }
        progress.failed += jobs.count
        actions.append(.fail(jobs, error))
        for job in jobs { if let content = job.content { fail(followersOf: content, id, error) } }
    }
}
