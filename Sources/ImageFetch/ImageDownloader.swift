public import LarkAPI

/// Downloads images of one tenant, each whole or not at all.
public struct ImageDownloader: Sendable {
    private let attempt: DownloadAttempt

    /// Creates a downloader for a tenant.
    ///
    /// - Parameters:
    ///   - client: sends the requests.
    ///   - host: where the tenant's app lives.
    ///   - tenant: whose tokens are used.
    ///   - tokens: where they come from.
    ///   - quota: says when a request may be sent.
    ///   - limits: what a download may take.
    ///   - timing: the waits between attempts.
    public init(
        client: LarkClient, host: LarkHost, tenant: TenantName, tokens: any TenantTokenProvider,
        quota: any RateLimiter = UnlimitedRateLimiter(), limits: DownloadLimits = DownloadLimits(),
        timing: Clocks = .system
    ) {
        attempt = DownloadAttempt(
            client: client, host: host, tenant: tenant, tokens: tokens, quota: quota, limits: limits, timing: timing)
    }

    /// Downloads one image or message resource.
    ///
    /// A final name never holds part of an image. A file that exists is kept, and no request is sent, unless it is to
    /// be overwritten.
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
        do {
            return try await destination.withTarget(for: reference, overwrite: overwrite) { target in
                if let existing = try await target.existing(reference) { return existing }
                return try await withDeadline(
                    attempt.limits.totalTime, clocks: attempt.timing, error: .outOfTime(attempt.limits.totalTime)
                ) {
                    try await retrying { () throws(AttemptFailure) in
                        try await attempt.run(reference, to: target, log: log)
                    }
                }
            }
        } catch {
            let error = (error as? AttemptFailure)?.error ?? error
            guard !(error is CancellationError) else { throw error }
            throw DownloadFailure(error: error, attempts: log.attempts)
        }
    }

    private func retrying(
        _ download: () async throws(AttemptFailure) -> DownloadOutcome
    ) async throws -> DownloadOutcome {
        var failures = RetryPolicy.Failures()
        while true {
            do {
                return try await download()
            } catch {
                let random = attempt.timing.random()
                guard let wait = RetryPolicy.single.wait(after: error, counting: &failures, random: random) else {
                    throw error
                }
                try await attempt.timing.sleep(wait)
            }
        }
    }
}

extension LarkError {
    /// A download that took too long, all its attempts together.
    static func outOfTime(_ limit: Duration) -> LarkError {
        LarkError(
            .unreachable, "the download was not finished within \(limit.components.seconds) s",
            remedy: "Allow more time with --timeout, or check the network; then run this again", isRetryable: true
        )
    }
}
