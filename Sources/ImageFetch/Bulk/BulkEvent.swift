import LarkAPI

/// What became of one line of a run.
public enum BulkEvent: Sendable {
    /// It is there: downloaded, or there before.
    case done(FetchItem, DownloadOutcome)
    /// It could not be downloaded.
    case failed(FetchItem, DownloadFailure)
    /// A dry run would ask for it, and write it there.
    case planned(FetchItem, OutputName)
    /// The list names it twice; the first one counts.
    case repeated(FetchItem)
    /// The line names no download.
    case invalid(InvalidLine)
}

/// The progress of a run, for display.
public struct BulkProgress: Sendable, Hashable {
    /// Downloaded just now.
    public internal(set) var downloaded = 0
    /// There before.
    public internal(set) var existing = 0
    /// Could not be downloaded.
    public internal(set) var failed = 0
    /// A dry run would ask for them.
    public internal(set) var planned = 0
    /// Named twice.
    public internal(set) var repeated = 0
    /// Lines that name no download.
    public internal(set) var invalid = 0
    /// Of what was downloaded just now.
    public internal(set) var bytes = 0
    /// Requests under way.
    public internal(set) var active = 0
    /// Received, and not yet on the disk.
    public internal(set) var storing = 0
    /// Read from the list and not begun.
    public internal(set) var queued = 0
    /// Of those, the ones whose tenant has to wait: for its quota, or for a platform that has trouble.
    public internal(set) var held = 0
    /// Whether the list was read to its end, so that ``queued`` is all that is left.
    public internal(set) var isListRead = false

    /// Nothing done yet.
    public init() {}

    mutating func count(_ event: BulkEvent) {
        switch event {
        case .done(_, let outcome) where outcome.status == .downloaded:
            downloaded += 1
            bytes += outcome.bytes
        case .done: existing += 1
        case .failed: failed += 1
        case .planned: planned += 1
        case .repeated: repeated += 1
        case .invalid: invalid += 1
        }
    }
}
