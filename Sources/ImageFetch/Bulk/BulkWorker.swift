import FoundationEssentials
import LarkAPI
import Messages
import SystemPackage

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
        case lookedUp(TenantQueue.ID, TenantQueue.Job, [ListResolver.ResolvedItem])
        case linked(TenantQueue.ID, SourcePosition, BulkEvent?)
        case attemptFailed(TenantQueue.ID, TenantQueue.Job, BulkItem, AttemptFailure)
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
    /// What is taken from messages that are requested.
    let wanted: Set<ImageReference.ResourceType>
    let requests: MessageRequests
    let known: KnownResources
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

    /// Downloads, or requests a message.
    func run(_ id: TenantQueue.ID, _ job: TenantQueue.Job, permit: QuotaPermit, host: LarkHost) async {
        do {
            let item = try await resolver.item(at: job.position)
            var job = job
            let log = AttemptLog(attempts: job.attempts) { inbox.yield(.received(id)) }
            let event: (TenantQueue.Job) -> Event
            do {
                let timeLeft = max(job.deadline - context.clocks.instant(), .zero)
                let limit = LarkError.outOfTime(options.limits.totalTime)
                switch item {
                case .download(let download):
                    let outcome = try await withDeadline(timeLeft, clocks: context.clocks, error: limit) {
                        try await self.download(download, log, permit: permit, host: host)
                    }
                    event = { .downloaded(id, $0, download, outcome) }
                case .lookup(let lookup):
                    let found = try await withDeadline(timeLeft, clocks: context.clocks, error: limit) {
                        try await lookUp(lookup, log, permit: permit, host: host)
                    }
                    event = { .lookedUp(id, $0, found) }
                }
            } catch {
                let failure = AttemptFailure(error, isInRoot: false)
                event = { .attemptFailed(id, $0, item, failure) }
            }
            job.record(log)
            inbox.yield(event(job))
        } catch {
            if !(error is CancellationError) { inbox.yield(.sourceFailed(error)) }
        }
    }

    private func download(
        _ item: FetchItem, _ log: AttemptLog, permit: QuotaPermit, host: LarkHost
    ) async throws -> DownloadOutcome {
        let target = DownloadTarget.named(
            try options.name(of: item), in: output, overwrite: options.overwrite,
            modified: options.keepsMessageTime ? item.message?.created : nil)
        func attempt(_ reference: ImageReference) -> DownloadAttempt {
            DownloadAttempt(
                context: context, host: host, tenant: item.tenant, reference: reference, target: target, log: log)
        }
        // Another process may have been faster.
        if let existing = try await attempt(item.reference).existing() {
            await context.quota.takeBack(permit)
            return existing
        }
        var permit: QuotaPermit? = permit
        var search = OwnerSearch(item, at: host, requests: requests, known: known) { reference in
            defer { permit = nil }
            return try await attempt(reference).run(permit: permit)
        }
        let outcome = try await options.findsOwners ? search.run() : attempt(item.reference).run(permit: permit)
        try await writeSidecar(item, outcome)
        return outcome
    }

    private func writeSidecar(_ item: FetchItem, _ outcome: DownloadOutcome) async throws {
        guard options.writesSidecars, outcome.status != .exists, let path = outcome.path else { return }
        try await output.run { try Sidecar(item, outcome).write(beside: FilePath(path)) }
    }

    /// - Returns: what there is to do about what the message holds.
    private func lookUp(
        _ lookup: MessageLookup, _ log: AttemptLog, permit: QuotaPermit, host: LarkHost
    ) async throws -> [ListResolver.ResolvedItem] {
        log.begin()
        let page = try await requests.message(
            lookup.message, of: TenantOnHost(tenant: lookup.tenant, host: host), permit: permit)
        let resources = page.findings.resources.filter { wanted.contains($0.type) }
        var unavailable = page.findings.notes.map {
            UnavailableResource(line: nil, message: $0.message.id ?? lookup.message, reason: $0.reasonText)
        }
        if resources.isEmpty, unavailable.isEmpty {
            let reason = "it holds nothing of the kind that is wanted"
            unavailable.append(UnavailableResource(line: nil, message: lookup.message, reason: reason))
        }
        let items = resources.map {
            FetchItem(
                tenant: lookup.tenant, reference: $0.reference, output: nil, message: $0.message, fileName: $0.fileName)
        }
        return try await resolver.resolve(items) + unavailable.map { .settled(.unavailable($0)) }
    }

    /// Gives what was downloaded the names of other items.
    func link(_ positions: [SourcePosition], to download: SourcePosition, _ id: TenantQueue.ID) async {
        do {
            guard case .download(let original) = try await resolver.item(at: download) else { return }
            var events: [(SourcePosition, BulkEvent?)] = []
            var directories: Set<[String]> = []
            for position in positions {
                guard case .download(let item) = try await resolver.item(at: position) else { continue }
                let event = try await link(item, to: original)
                if case .done(_, let outcome)? = event, outcome.status == .linked {
                    directories.insert(try options.name(of: item).directories)
                }
                events.append((position, event))
            }
            // A thousand names need one wait for the disk.
            for directory in directories { try await output.syncDirectory(directory) }
            for (position, event) in events { inbox.yield(.linked(id, position, event)) }
        } catch {
            if !(error is CancellationError) { inbox.yield(.sourceFailed(error)) }
        }
    }

    /// - Returns: nil if the original is gone.
    private func link(_ item: FetchItem, to original: FetchItem) async throws -> BulkEvent? {
        do {
            let outcome = try await output.link(
                item.reference, as: options.name(of: item), to: options.name(of: original),
                overwrite: options.overwrite)
            if let outcome { try await writeSidecar(item, outcome) }
            return outcome.map { .done(item, $0) }
        } catch let error as CancellationError {
            throw error
        } catch {
            return BulkItem.download(item).failed(error, attempts: 0)
        }
    }
}
