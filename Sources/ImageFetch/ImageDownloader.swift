public import LarkAPI
import Synchronization
import SystemPackage

/// Downloads images of one tenant, each whole or not at all.
public struct ImageDownloader: Sendable {
    private let client: LarkClient
    private let host: LarkHost
    private let tenant: TenantName
    private let tokens: any TenantTokenProvider
    private let limits: DownloadLimits
    private let timing: Timing

    /// Repeats what may pass: a 429 after the time the server names, everything else after a growing, drawn wait.
    private static let backoff = Backoff(
        tries: 5, base: .milliseconds(500), cap: .seconds(10), patience: .seconds(60))

    /// Downloads for a tenant.
    ///
    /// - Parameters:
    ///   - client: sends the requests.
    ///   - host: where the tenant's app lives.
    ///   - tenant: whose tokens are asked for.
    ///   - tokens: where they come from.
    ///   - limits: what a download may take.
    ///   - timing: the waits between tries.
    public init(
        client: LarkClient, host: LarkHost, tenant: TenantName, tokens: any TenantTokenProvider,
        limits: DownloadLimits = DownloadLimits(), timing: Timing = .system
    ) {
        self.client = client
        self.host = host
        self.tenant = tenant
        self.tokens = tokens
        self.limits = limits
        self.timing = timing
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
        let attempts = Attempts()
        do {
            if let present = try destination.present(reference, overwrite: overwrite) { return present }
            return try await withDeadline(
                limits.totalTime, timing: timing, error: Self.outOfTime(limits.totalTime)
            ) {
                try await self.repeated(reference, attempts) { token in
                    try await self.transfer(reference, to: destination, overwrite: overwrite, token, attempts)
                }
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw DownloadFailure(error: error, attempts: attempts.count)
        }
    }

    private static func outOfTime(_ limit: Duration) -> LarkError {
        LarkError(
            .unreachable, "the download was not done within \(limit.components.seconds) s",
            remedy: "Allow more time with --timeout, or look at the network; then run this again", isRetryable: true
        )
    }

    /// Runs a transfer until it succeeds or cannot; a token that is refused is exchanged once.
    private func repeated(
        _ reference: ImageReference, _ attempts: Attempts,
        _ transfer: @Sendable (TenantAccessToken) async throws -> DownloadOutcome
    ) async throws -> DownloadOutcome {
        do {
            return try await Self.backoff.run(timing: timing) { _ in
                let token = try await self.token()
                do {
                    return try await transfer(token)
                } catch let error as LarkError where error.rejectsToken {
                    return try await transfer(try await exchanged(token, because: error))
                }
            }
        } catch let failure as ProviderFailure {
            throw failure.error
        }
    }

    private func token() async throws -> TenantAccessToken {
        do {
            return try await tokens.token(for: tenant, goodFor: limits.tokenLife)
        } catch let error as LarkError {
            throw ProviderFailure(error: error)
        }
    }

    /// A token in the place of a refused one.
    ///
    /// Where a provider hands the refused one out again, the platform's refusal stands: asking on would be a loop.
    private func exchanged(
        _ token: TenantAccessToken, because refusal: LarkError
    ) async throws -> TenantAccessToken {
        do {
            try await tokens.reject(token, for: tenant)
        } catch let error as LarkError {
            throw ProviderFailure(error: error)
        }
        let next = try await self.token()
        guard next.secret != token.secret else { throw refusal }
        return next
    }

    private func transfer(
        _ reference: ImageReference, to destination: Destination, overwrite: Bool, _ token: TenantAccessToken,
        _ attempts: Attempts
    ) async throws -> DownloadOutcome {
        attempts.add()
        return try await UnfinishedFile.with(
            in: destination.workingFolder, permissions: destination.permissions
        ) { file in
            try await client.download(reference, from: host, token: token) { head, body in
                var reception = try Reception(
                    reference, token: token, head: head, into: file, maximumBytes: limits.maximumBytes)
                try await body.read { try reception.take($0) }
                let (fileExtension, sha256) = try reception.finish()
                let placed = try await destination.place(
                    file, of: reference, fileExtension: fileExtension, overwrite: overwrite, timing: timing)
                return DownloadOutcome(
                    reference: reference, status: placed.existingBytes == nil ? .downloaded : .exists,
                    path: placed.path, bytes: placed.existingBytes ?? reception.bytes, contentType: head.contentType,
                    sha256: placed.existingBytes == nil ? sha256 : nil, attempts: attempts.count)
            }
        }
    }
}

/// An error of the token provider, which repeats by rules of its own and is not repeated once more here.
private struct ProviderFailure: Error {
    let error: LarkError
}

/// How many requests were sent, known also when the time runs out.
private final class Attempts: Sendable {
    private let number = Mutex(0)

    var count: Int { number.withLock { $0 } }

    func add() { number.withLock { $0 += 1 } }
}
