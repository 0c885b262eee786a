public import LarkAPI

/// Downloads images of one tenant, each whole or not at all.
public struct ImageDownloader: Sendable {
    private let transfer: DownloadAttempt

    /// Repeats what may pass: a 429 after the time the server names, everything else after a growing, drawn wait.
    static let backoff = Backoff(tries: 5, base: .milliseconds(500), cap: .seconds(10), patience: .seconds(60))

    /// Downloads for a tenant.
    ///
    /// - Parameters:
    ///   - client: sends the requests.
    ///   - host: where the tenant's app lives.
    ///   - tenant: whose tokens are asked for.
    ///   - tokens: where they come from.
    ///   - quota: says when a request may leave.
    ///   - limits: what a download may take.
    ///   - timing: the waits between tries.
    public init(
        client: LarkClient, host: LarkHost, tenant: TenantName, tokens: any TenantTokenProvider,
        quota: any RateLimiter = UnlimitedRateLimiter(), limits: DownloadLimits = DownloadLimits(),
        timing: Clocks = .system
    ) {
        transfer = DownloadAttempt(
            client: client, host: host, tenant: tenant, tokens: tokens, quota: quota, limits: limits, timing: timing)
    }

    /// Downloads one image or message resource.
    ///
    /// At no moment does a final name hold a part of it. A file that is there already is left alone, and nothing is
    /// asked of the platform, unless it is to be overwritten.
    ///
    /// - Parameters:
    ///   - reference: what to download.
    ///   - destination: where to.
    ///   - overwrite: replace what is there.
    /// - Throws: ``DownloadFailure``; `CancellationError` when the task is cancelled.
    public func download(
        _ reference: ImageReference, to destination: Destination, overwrite: Bool = false
    ) async throws -> DownloadOutcome {
        let log = AttemptLog()
        let (transfer, timing) = (transfer, transfer.timing)
        do {
            return try await destination.withTarget(for: reference, overwrite: overwrite) { target in
                if let existing = try await target.existing(reference) { return existing }
                return try await withDeadline(
                    transfer.limits.totalTime, timing: timing, error: .outOfTime(transfer.limits.totalTime)
                ) {
                    try await Self.backoff.run(timing: timing) { _ in
                        try await transfer.run(reference, to: target, noting: log)
                    }
                }
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw DownloadFailure(error: (error as? ProviderFailure)?.error ?? error, attempts: log.attempts)
        }
    }
}

extension LarkError {
    /// A download that took too long, all its tries together.
    static func outOfTime(_ limit: Duration) -> LarkError {
        LarkError(
            .unreachable, "the download was not done within \(limit.components.seconds) s",
            remedy: "Allow more time with --timeout, or look at the network; then run this again", isRetryable: true
        )
    }
}
