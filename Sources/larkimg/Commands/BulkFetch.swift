import ArgumentParser
import ImageFetch
import LarkAPI

/// Downloads the images of a list or of the command line, and reports on them.
struct BulkFetch: Sendable {
    enum Source: Sendable {
        case items([FetchItem])
        case list(String, FetchListFormat)
    }

    let source: Source
    let tenant: TenantName?
    let options: BulkOptions
    let list: ListOptions
    let reports: ReportOptions
    let monthReserve: Int?
    let asJSON: Bool

    /// - Parameter stops: after the first element nothing more is started.
    /// - Throws: `ExitCode` when something failed, which has been reported; errors of opening store, list and reports.
    func run(_ options: SourceOptions, stops: AsyncStream<Void>) async throws {
        try await withSource { source in
            try await CommandContext.withTokens(
                options, perHost: self.options.jobs, usesHTTP2: list.usesHTTP2, monthReserve: monthReserve
            ) { tokens, client in
                // An unknown --tenant is one error, not one per image.
                if let tenant { _ = try await tokens.tenant(tenant) }
                var download = BulkDownload(
                    client: client, tokens: CachingTokenProvider(tokens.tokens), quota: tokens.quota,
                    options: self.options, rate: { tokens.known($0)?.quota }
                ) { try await tokens.tenant($0).host }
                download.memory = tokens.memory
                let status = try await FetchReporter.with(
                    reports,
                    run: FetchReporter.Run(
                        source: sourceName, isList: isList, options: self.options, tokens: tokens, asJSON: asJSON)
                ) { reporter in
                    let end = try await download.run(source, stops: stops, show: reporter.show) {
                        try await reporter.report($0)
                    } flush: {
                        try await reporter.flush()
                    }
                    try await reporter.finish(end)
                    // Returns unused permits to other processes; if this fails they only wait a moment longer.
                    try? await tokens.releaseUnused()
                }
                if let status { throw ExitCode(status) }
            }
        }
    }

    private var isList: Bool {
        if case .list = source { return true }
        return false
    }

    private var sourceName: String {
        switch source {
        case .items: "the command line"
        case .list(let name, _): name == "-" ? "stdin" : name
        }
    }

    private func withSource(_ body: (FetchSource) async throws -> Void) async throws {
        switch source {
        case .items(let items):
            try await body(.items(items))
        case .list(let name, let format):
            try await ListOptions.withList(name) { number in
                guard list.strict else { return try await body(.list(number, format)) }
                try await ValidatedList.with(number, format: format, spoolDirectory: options.spoolDirectory) {
                    checked in
                    guard checked.invalid.isEmpty else {
                        for line in checked.invalid {
                            Terminal.report("larkimg: \(sourceName): \(TerminalText.visible("\(line)"))\n")
                        }
                        throw CommandError(
                            description: "\(checked.invalidCount) lines of \(sourceName) are invalid",
                            remedy: "Fix them, or run this without --strict; nothing was sent")
                    }
                    try await body(.list(checked.descriptor, format))
                }
            }
        }
    }
}
