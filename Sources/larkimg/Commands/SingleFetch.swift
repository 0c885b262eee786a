import ArgumentParser
import ImageFetch
import LarkAPI

/// Downloads one image to a file or to stdout.
struct SingleFetch: Sendable {
    let item: FetchItem
    let destination: Destination
    let overwrite: Bool
    let limits: DownloadLimits
    let asJSON: Bool
    let isStandardOutput: Bool
    let monthReserve: Int?

    /// - Throws: `ExitCode` when the download failed, which has been reported; errors of opening the store.
    func run(_ options: SourceOptions) async throws {
        // The download has its own limit, which says more; this one bounds the waits before it, for a locked store.
        let limit = limits.totalTime
        try await withDeadline(limit + .seconds(1), clocks: .system, error: .outOfTime(limit)) {
            try await CommandContext.withTokens(options, monthReserve: monthReserve) { source, client in
                let tenant = try await withDeadline(limit, clocks: .system, error: .outOfTime(limit)) {
                    try await source.tenant(item.tenant)
                }
                try await download(tenant, source, client)
            }
        }
    }

    private func download(_ tenant: TokenBackend.Tenant, _ source: TokenBackend, _ client: LarkClient) async throws {
        let downloader = ImageDownloader(
            client: client, host: tenant.host, tenant: item.tenant, tokens: source.tokens, quota: source.quota,
            limits: limits)
        do {
            try await report(try await downloader.download(item.reference, to: destination, overwrite: overwrite))
        } catch let failure as DownloadFailure {
            let described = Failure(
                failure.error, tenant: item.tenant, reference: item.reference, appID: tenant.appID)
            try await report(described, attempts: failure.attempts)
            throw ExitCode(ExitStatus.of(failure.error) ?? ExitStatus.mixed)
        }
    }

    private func report(_ outcome: DownloadOutcome) async throws {
        // An image on stdout is the result; a line about it would spoil it.
        guard let path = outcome.path else { return }
        try await Terminal.stream(
            asJSON ? JSONLine.text(FetchReport(item, outcome)) : "\(TerminalText.visible(path, limit: 4096))\n")
    }

    private func report(_ failure: Failure, attempts: Int) async throws {
        guard asJSON, !isStandardOutput else { return Terminal.report(failure.text) }
        try await Terminal.stream(
            JSONLine.text(FetchReport(failed: item, attempts: attempts, error: failure.report)))
    }
}
