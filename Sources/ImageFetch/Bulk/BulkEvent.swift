public import LarkAPI

/// The result of one line of a run.
public enum BulkEvent: Sendable {
    /// Downloaded, or existed before.
    case done(FetchItem, DownloadOutcome)
    /// Could not be downloaded.
    case failed(FetchItem, DownloadFailure)
    /// A dry run would download it under this name.
    case planned(FetchItem, OutputName)
    /// The list names it twice; the first line counts.
    case repeated(FetchItem)
    /// The line names no download.
    case invalid(InvalidLine)
    /// A message holds it, but the platform does not deliver it.
    case unavailable(UnavailableResource)
    /// An earlier run found that the platform never delivers it, so nothing was requested.
    case gone(FetchItem, GoneResource)
    /// The run was stopped before it was downloaded. See ``BulkOptions/reportsUnstarted``.
    case unstarted(FetchItem)
    /// The message could not be requested.
    case lookupFailed(MessageLookup, DownloadFailure)
    /// A dry run would request the message, to find what it holds.
    case lookupPlanned(MessageLookup)
    /// The source names the message twice.
    case lookupRepeated(MessageLookup)
    /// The run was stopped before the message was requested. See ``BulkOptions/reportsUnstarted``.
    case lookupUnstarted(MessageLookup)
}

/// The progress of a run, for display.
public struct BulkProgress: Sendable, Hashable {
    /// Files that were downloaded.
    public internal(set) var downloaded = 0
    /// Files that existed before.
    public internal(set) var existing = 0
    /// Further names of files that were downloaded once.
    public internal(set) var linked = 0
    /// Downloads that failed.
    public internal(set) var failed = 0
    /// Downloads that a dry run would make.
    public internal(set) var planned = 0
    /// Messages that a dry run would request.
    public internal(set) var plannedLookups = 0
    /// Lines that repeat an earlier one.
    public internal(set) var repeated = 0
    /// Lines that name no download.
    public internal(set) var invalid = 0
    /// Resources that an earlier run found to be gone.
    public internal(set) var gone = 0
    /// Parts of messages that the platform does not deliver.
    public internal(set) var unavailable = 0
    /// The size of what was downloaded.
    public internal(set) var bytes = 0
    /// Requests in flight.
    public internal(set) var active = 0
    /// Files that are received, and not yet on the disk.
    public internal(set) var storing = 0
    /// Downloads that are read from the list and not started.
    public internal(set) var queued = 0
    /// Of those, the ones whose tenant has to wait for its rate limit or for a platform that is failing.
    public internal(set) var held = 0
    /// How long nothing happens because every tenant waits for its rate limit; nil if something happens.
    public internal(set) var permitWait: Duration?
    /// The least time that the rate limits allow for what is queued; nil if they are not known.
    public internal(set) var timeLeft: Duration?
    /// Whether the list was read to its end, so that ``queued`` is all that is left.
    public internal(set) var isListRead = false

    /// Nothing is done yet.
    public init() {}

    mutating func count(_ event: BulkEvent) {
        switch event {
        case .done(_, let outcome) where outcome.status == .downloaded:
            downloaded += 1
            bytes += outcome.bytes
        case .done(_, let outcome) where outcome.status == .linked: linked += 1
        case .done: existing += 1
        case .failed, .lookupFailed: failed += 1
        case .planned: planned += 1
        case .lookupPlanned: plannedLookups += 1
        case .repeated, .lookupRepeated: repeated += 1
        case .invalid: invalid += 1
        case .gone: gone += 1
        case .unavailable: unavailable += 1
        case .unstarted, .lookupUnstarted: break
        }
    }

    /// Adds what waits in a queue.
    mutating func include(_ queue: TenantQueue, at now: ContinuousClock.Instant) {
        if queue.isHeld { held += queue.count }
        let wait = queue.permitDue.map { max($0 - now, .zero) }
        if let wait, active + storing == 0 { permitWait = min(permitWait ?? wait, wait) }
        guard let rate = queue.rate, !queue.isIdle else { return }
        timeLeft = max(timeLeft ?? .zero, (wait ?? .zero) + rate.time(for: queue.count + queue.waiting.count))
    }
}
