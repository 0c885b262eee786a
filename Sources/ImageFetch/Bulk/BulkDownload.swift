public import LarkAPI
import SystemPackage

/// Downloads many images of many tenants: side by side, fairly, at the pace of each tenant's rate limit, in bounded memory.
public struct BulkDownload: Sendable {
    private let context: DownloadContext
    private let options: BulkOptions
    private let platform: @Sendable (TenantName) async throws -> TenantPlatform
    /// Keeps what is learned about the resources of messages; nil to learn for this run alone.
    package var memory: (any ResourceMemory)?

    /// How many calls that wait for the disk may overlap.
    private static let diskThreads = 16

    /// Creates a bulk download for any tenants.
    ///
    /// - Parameters:
    ///   - client: sends the requests; it should allow as many connections as there are jobs.
    ///   - tokens: where tokens come from.
    ///   - quota: says when a request may be sent.
    ///   - options: the directory, the file names and the limits.
    ///   - clocks: the waits between attempts.
    ///   - rate: the rate limit of a tenant's app, to estimate the time that is left; nil if it is not known.
    ///   - host: the platform of a tenant's app; throws for an unknown tenant.
    public init(
        client: LarkClient, tokens: any TenantTokenProvider, quota: any RateLimiter, options: BulkOptions,
        clocks: Clocks = .system, rate: @escaping @Sendable (TenantName) async throws -> RequestRate? = { _ in nil },
        host: @escaping @Sendable (TenantName) async throws -> LarkHost
    ) {
        context = DownloadContext(
            client: client, tokens: tokens, quota: quota, limits: options.limits, clocks: clocks)
        self.options = options
        platform = { TenantPlatform(host: try await host($0), rate: try await rate($0)) }
    }

    /// Runs until everything is downloaded, has failed, or the run is stopped.
    ///
    /// Permanent errors fail at once; after transient ones five attempts are made in all, while other downloads go on.
    /// A tenant that is refused as a whole fails as a whole, without further requests. A full disk ends the run.
    ///
    /// - Parameters:
    ///   - source: what to download.
    ///   - stops: after its first element nothing more is started; downloads in flight are finished.
    ///   - show: called with the progress every 200 ms.
    ///   - report: called with the result of each line, one at a time.
    ///   - flush: called after `report` when there is nothing more to report at the moment.
    /// - Returns: the final counts.
    /// - Throws: what `report` and `flush` throw; ``ImageFetchError`` when the list cannot be read or kept;
    ///   `CancellationError` when the task is cancelled. No partial file is left in any case.
    public func run(
        _ source: FetchSource, stops: AsyncStream<Void>? = nil, show: ((BulkProgress) -> Void)? = nil,
        report: @escaping (BulkEvent) async throws -> Void, flush: @escaping () async throws -> Void = {}
    ) async throws -> BulkProgress {
        let observer = BulkRun.Observer(show: show, report: report, flush: flush)
        return try await OutputDirectory.with(root: FilePath(options.directory), threads: Self.diskThreads) { output in
            try await SourceReader.with(
                source, spoolDirectory: options.spoolDirectory, clocks: context.clocks
            ) { reader in
                let known = KnownResources(memory, clocks: context.clocks)
                let resolver = ListResolver(
                    reader, options: options, output: output, known: known, platform: platform)
                // What waits in it comes from the children of the run's groups, a bounded number.
                let (events, inbox) = AsyncStream.makeStream(of: BulkWorker.Event.self)
                let worker = BulkWorker(
                    context: context, options: options, resolver: resolver, output: output,
                    wanted: source.wanted, requests: MessageRequests(context), known: known, inbox: inbox)
                let scheduler = BulkScheduler(
                    jobs: max(1, min(options.jobs, 256)), totalTime: options.limits.totalTime,
                    namesVary: options.template.dependsOnMessage, clocks: context.clocks)
                var run = BulkRun(scheduler, worker: worker, events: events, observer: observer)
                do {
                    let end = try await run.run(stops: stops)
                    await known.save()
                    return end
                } catch {
                    await known.save()
                    throw error
                }
            }
        }
    }
}

/// The platform of a tenant's app.
struct TenantPlatform: Sendable, Hashable {
    let host: LarkHost
    /// nil if it is not known.
    let rate: RequestRate?
}

/// How many downloads are done together, and where they go.
public struct BulkOptions: Sendable {
    /// The maximum number of requests in flight, clamped to 1 to 256.
    public var jobs = 32
    /// Whether existing files are replaced.
    public var overwrite = false
    /// Whether to find out only what there is to do, and send nothing.
    public var isDryRun = false
    /// Whether the message that owns a resource is searched for, if the one that was named does not.
    public var findsOwners = true
    /// Whether resources of messages are requested again that an earlier run found to be gone.
    public var retriesGone = false
    /// Whether a run that is stopped reports what it did not start. It then reads the list to its end.
    public var reportsUnstarted = false
    /// The directory that files go to, and below it the names of lists and of ``template``; empty for the current one.
    public var directory = ""
    /// The names of files that the list does not name.
    public var template = NameTemplate.byKey
    /// Whether a file's time of modification is that of its message.
    public var keepsMessageTime = false
    /// Whether the facts of each message are written beside its files, as `<name>.json`.
    public var writesSidecars = false
    /// Limits for each download. Its time runs from the moment when it is next in its tenant's queue.
    public var limits = DownloadLimits()
    /// Where a list that comes through a pipe is kept, in a file without a name.
    public var spoolDirectory = "/tmp"

    /// 32 at a time into the current directory.
    public init() {}

    /// Where a download goes.
    ///
    /// - Throws: `InvalidValue` when the name gets too long.
    func name(of item: FetchItem) throws -> OutputName {
        try item.output ?? template.name(for: item)
    }
}
