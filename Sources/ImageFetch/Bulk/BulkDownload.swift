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

    /// How many calls that wait for the disk may overlap.
    private static let diskThreads = 16

    /// Creates a bulk download for any tenants.
    ///
    /// - Parameters:
    ///   - client: sends the requests; it should allow as many connections as there are jobs.
    ///   - tokens: where tokens come from.
    ///   - quota: says when a request may be sent.
    ///   - options: how it is done.
    ///   - timing: the waits between attempts.
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
    /// Permanent errors fail at once; after transient ones five attempts are made in all, while other downloads go on.
    /// A tenant that is refused as a whole fails as a whole, without further requests. A full disk ends the run.
    ///
    /// - Parameters:
    ///   - source: what to download.
    ///   - stops: after its first element nothing more is begun; downloads in flight are finished.
    ///   - show: called with the progress every 200 ms.
    ///   - report: called with the result of each line, one at a time.
    /// - Returns: how the run ended.
    /// - Throws: what `report` throws; ``ImageFetchError`` when the list or the spool fails; `CancellationError` when
    ///   the task is cancelled. No partial file is left in any case.
    public func run(
        _ source: FetchSource, stops: AsyncStream<Void>? = nil, show: ((BulkProgress) -> Void)? = nil,
        report: (BulkEvent) async throws -> Void
    ) async throws -> BulkProgress {
        try await OutputDirectory.with(root: FilePath(options.directory), threads: Self.diskThreads) { output in
            try await SpoolFile.with(in: options.spoolDirectory) { queues in
                try await SpoolFile.with(in: options.spoolDirectory) { seen in
                    try await SpoolFile.with(in: options.spoolDirectory) { outputs in
                        let resolver = ListResolver(
                            source, options: options, output: output, seen: seen, outputs: outputs, timing: timing,
                            host: host)
                        // What waits in it comes from the children of the run's groups, a bounded number.
                        let (events, inbox) = AsyncStream.makeStream(of: BulkWorker.Event.self)
                        let worker = BulkWorker(
                            client: client, tokens: tokens, quota: quota, options: options, timing: timing,
                            resolver: resolver, output: output, inbox: inbox)
                        let scheduler = BulkScheduler(
                            jobs: max(1, min(options.jobs, 256)), totalTime: options.limits.totalTime,
                            spool: Spool(queues), random: timing.random)
                        var run = BulkRun(scheduler, worker: worker, events: events, show: show)
                        return try await run.run(stops: stops, report: report)
                    }
                }
            }
        }
    }
}
