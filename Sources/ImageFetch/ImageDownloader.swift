public import LarkAPI

/// Downloads images of one tenant.
public struct ImageDownloader: Sendable {
    private let context: DownloadContext
    private let host: LarkHost
    private let tenant: TenantName

    /// Creates a downloader for a tenant.
    ///
    /// - Parameters:
    ///   - client: sends the requests.
    ///   - host: the platform of the tenant's app.
    ///   - tenant: the tenant whose token is used.
    ///   - tokens: where they come from.
    ///   - quota: says when a request may be sent.
    ///   - limits: the size and time of a download.
    ///   - clocks: the waits between attempts.
    public init(
        client: LarkClient, host: LarkHost, tenant: TenantName, tokens: any TenantTokenProvider,
        quota: any RateLimiter = UnlimitedRateLimiter(), limits: DownloadLimits = DownloadLimits(),
        clocks: Clocks = .system
    ) {
        context = DownloadContext(client: client, tokens: tokens, quota: quota, limits: limits, clocks: clocks)
        self.host = host
        self.tenant = tenant
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
        try await run { log in
            try await destination.withTarget(for: reference, overwrite: overwrite) { target in
                if let existing = try await target.existing(reference) { return existing }
                return try await download(reference, to: target, log: log)
            }
        }
    }

    /// Downloads one image or message resource into memory, which takes at most ``DownloadLimits/maximumBytes``.
    ///
    /// - Returns: the content, and an outcome without a path.
    /// - Throws: ``DownloadFailure``; `CancellationError` when the task is cancelled.
    public func bytes(of reference: ImageReference) async throws -> (bytes: [UInt8], outcome: DownloadOutcome) {
        let buffer = MemoryBuffer()
        let outcome = try await run { log in
            try await download(reference, to: .memory(buffer), log: log)
        }
        return (buffer.bytes, outcome)
    }

    private func run(_ body: (AttemptLog) async throws -> DownloadOutcome) async throws -> DownloadOutcome {
        let log = AttemptLog()
        do {
            return try await body(log)
        } catch {
            let error = (error as? AttemptFailure)?.error ?? error
            guard !(error is CancellationError) else { throw error }
            throw DownloadFailure(error: error, attempts: log.attempts)
        }
    }

    private func download(
        _ reference: ImageReference, to target: DownloadTarget, log: AttemptLog
    ) async throws -> DownloadOutcome {
        let attempt = DownloadAttempt(
            context: context, host: host, tenant: tenant, reference: reference, target: target, log: log)
        let limit = context.limits.totalTime
        return try await withDeadline(limit, clocks: context.clocks, error: .outOfTime(limit)) {
            try await retrying(attempt)
        }
    }

    private func retrying(_ attempt: DownloadAttempt) async throws -> DownloadOutcome {
        let deadline = context.clocks.instant() + context.limits.totalTime
        var failures = RetryPolicy.Failures()
        while true {
            do {
                return try await attempt.run()
            } catch {
                let random = context.clocks.random()
                guard let wait = RetryPolicy.single.wait(after: error, counting: &failures, random: random),
                    context.clocks.instant() + wait < deadline
                else { throw error }
                try await context.clocks.sleep(wait)
            }
        }
    }
}

/// The limits of a download.
public struct DownloadLimits: Sendable {
    /// The largest file accepted, in bytes. 100 MiB: the platform's own limit for message resources is 100 MB, for
    /// images 10 MB (documents "Get the resource file of a message" and "Upload image").
    public var maximumBytes = 100 << 20

    /// For one file, including all attempts and waits.
    public var totalTime: Duration = .seconds(300)

    /// How long a token must still be valid when a request is sent with it.
    public var tokenLife: Duration = .seconds(60)

    /// Whether the SHA-256 of the content is computed.
    public var takesDigest = true

    /// 100 MiB, five minutes, a minute.
    public init() {}
}
