import FoundationEssentials
import ImageFetch
import LarkAPI
import SystemPackage

/// Reports on a run: a line per image, report files, the gallery, progress, and a summary.
final class FetchReporter {
    /// What is reported on.
    struct Run {
        /// The name of the list.
        let source: String
        /// Whether it is a list, which is worth a summary.
        let isList: Bool
        let options: BulkOptions
        let tokens: TokenBackend
        let asJSON: Bool
    }

    private let run: Run
    private let report: AppendOnlyFile?
    private let errors: AtomicTextFile?
    private let gallery: (page: Gallery, file: AtomicTextFile)?
    private let progress: ProgressLine?
    private let isQuiet: Bool
    private let start = Clocks.system.instant()
    private var failures: [String: Int] = [:]
    private var statuses: Set<Int32> = []
    private var forecast = CallForecast()
    /// Lines for stdout, written together.
    private var lines = ""

    private static let maximumUnwritten = 1 << 16

    private init(
        _ options: ReportOptions, run: Run, report: AppendOnlyFile?, errors: AtomicTextFile?, gallery: AtomicTextFile?
    ) {
        self.run = run
        self.report = report
        self.errors = errors
        self.gallery = gallery.map { (Gallery(page: FilePath(options.gallery ?? "")), $0) }
        isQuiet = options.quiet
        progress = ProgressLine.isPossible && !options.quiet ? ProgressLine() : nil
    }

    /// Opens the report files and runs a closure with a reporter. Files that are written atomically get their
    /// names when the closure returns.
    ///
    /// - Returns: the exit status of the run; nil for success.
    /// - Throws: ``CommandError`` and `ImageFetchError` for files that cannot be written; errors of the closure.
    static func with(
        _ options: ReportOptions, run: Run, _ body: (FetchReporter) async throws -> Void
    ) async throws -> Int32? {
        try await AppendOnlyFile.with(options.report) { report in
            try await AtomicTextFile.with(options.errorsTo.map { FilePath($0) }, for: .failures) { errors in
                try await AtomicTextFile.with(options.gallery.map { FilePath($0) }, for: .gallery) { gallery in
                    let reporter = FetchReporter(options, run: run, report: report, errors: errors, gallery: gallery)
                    defer { reporter.progress?.clear() }
                    if let page = reporter.gallery { try page.file.append(page.page.head) }
                    try await body(reporter)
                    return reporter.exitStatus
                }
            }
        }
    }

    /// Shows the progress; nil if stderr is not a terminal.
    var show: ((BulkProgress) -> Void)? {
        progress.map { line in { line.show($0) } }
    }

    private var exitStatus: Int32? {
        statuses.count > 1 ? ExitStatus.mixed : statuses.first
    }

    /// Reports the result of one line of the list.
    ///
    /// - Throws: ``OutputError``, ``CommandError``, `ImageFetchError` when it cannot be written; `CancellationError`.
    func report(_ event: BulkEvent) async throws {
        switch event {
        case .done(let item, let outcome):
            try await report(FetchReport(item, outcome), text: outcome.path ?? "")
            try gallery.map { try $0.file.append($0.page.figure(item, outcome)) }
            if outcome.status == .exists { try await reportUnchecked(item) }
        case .planned(let item, let name):
            forecast.add(item)
            let path = path(of: name)
            try await report(FetchReport(planned: item, path: path), text: "would fetch \(item.reference) as \(path)")
        case .lookupPlanned(let lookup):
            forecast.add(lookup)
            try await report(FetchReport(planned: lookup), text: "would look into \(lookup.message)")
        case .repeated, .lookupRepeated:
            break
        case .unavailable(let resource):
            let text = TerminalText.visible("\(run.source): \(resource)", limit: 2000)
            try await report(FetchReport(resource), failure: "larkimg: \(text)\n")
        case .invalid(let line):
            try await report(line)
        case .gone(let item, let gone):
            try await report(item, gone)
        case .failed(let item, let failure):
            try await report(item, failure)
        case .lookupFailed(let lookup, let failure):
            try await report(lookup, failure)
        case .unstarted(let item):
            try errors?.append(try JSONLine.text(FetchReport(again: item)))
        case .lookupUnstarted(let lookup):
            try errors?.append(try JSONLine.text(FetchReport(again: lookup)))
        }
    }

    /// Writes the lines that were collected for stdout.
    ///
    /// - Throws: ``OutputError``; `CancellationError`.
    func flush() async throws {
        guard !lines.isEmpty else { return }
        let text = lines
        lines = ""
        try await Terminal.stream(text)
    }

    private func path(of name: OutputName) -> String {
        let directory = run.options.directory
        return directory.isEmpty || directory.hasSuffix("/") ? "\(directory)\(name)" : "\(directory)/\(name)"
    }

    /// A file is named by its key, so one that exists says nothing about the message that the user has named.
    private func reportUnchecked(_ item: FetchItem) async throws {
        guard let message = item.reference.message, !run.isList, !run.asJSON, !isQuiet else { return }
        try await flush()
        let remedy = "To download it again: --overwrite"
        Terminal.report(
            "larkimg: \(item.tenant): \(item.reference): exists already; message \(message) was not checked\n"
                + "  \(Language.current.text(remedy))\n")
    }

    private func report(_ line: InvalidLine) async throws {
        statuses.insert(ExitStatus.mixed)
        failures["invalid line", default: 0] += 1
        let text = TerminalText.visible("\(run.source): \(line)", limit: 2000)
        try await report(FetchReport(line), failure: "larkimg: \(text)\n")
        // The line stays as it is, and invalid until it is corrected.
        try errors?.append("# \(text)\n")
        try errors?.append(line.bytes + [UInt8(ascii: "\n")])
        try gallery.map { try $0.file.append($0.page.figure(line)) }
    }

    private func report(_ item: FetchItem, _ gone: GoneResource) async throws {
        let date = gone.date.formatted(.iso8601.year().month().day())
        let text = "\(item.tenant): \(item.reference): gone: \(gone.reason) (\(gone.code), \(date))"
        let remedy = "To try it again: --retry-gone"
        try await report(
            FetchReport(gone: item, gone, remedy: remedy),
            failure: isQuiet ? "" : "larkimg: \(text)\n  \(Language.current.text(remedy))\n")
    }

    private func report(_ lookup: MessageLookup, _ failure: DownloadFailure) async throws {
        let described = count(failure, of: lookup.tenant, message: lookup.message)
        try await report(
            FetchReport(failed: lookup, attempts: failure.attempts, error: described.report), failure: described.text)
        try errors?.append(try JSONLine.text(FetchReport(again: lookup, error: described.report)))
    }

    private func count(
        _ failure: DownloadFailure, of tenant: TenantName, reference: ImageReference? = nil, message: MessageID? = nil
    ) -> Failure {
        statuses.insert(ExitStatus.of(failure.error) ?? ExitStatus.mixed)
        failures[Self.kind(of: failure.error), default: 0] += 1
        return Failure(
            failure.error, tenant: tenant, reference: reference, message: message,
            appID: run.tokens.known(tenant)?.appID)
    }

    private func report(_ item: FetchItem, _ failure: DownloadFailure) async throws {
        let described = count(failure, of: item.tenant, reference: item.reference)
        try await report(
            FetchReport(failed: item, attempts: failure.attempts, error: described.report), failure: described.text)
        try errors?.append(try JSONLine.text(FetchReport(again: item, error: described.report)))
        try gallery.map {
            try $0.file.append(
                $0.page.figure(failed: item, error: "\(failure.error)", remedy: described.remedy))
        }
    }

    private func report(_ line: FetchReport, text: String) async throws {
        if run.asJSON || report != nil {
            let json = try JSONLine.text(line)
            try report?.append(json)
            if run.asJSON { return try await write(json) }
        }
        try await write("\(TerminalText.visible(text, limit: 4096))\n")
    }

    private func report(_ line: FetchReport, failure: String) async throws {
        let json = run.asJSON || report != nil ? try JSONLine.text(line) : ""
        if run.asJSON {
            try await write(json)
        } else {
            try await flush()
            Terminal.report(failure)
        }
        try report?.append(json)
    }

    private func write(_ line: String) async throws {
        lines += line
        if lines.utf8.count >= Self.maximumUnwritten { try await flush() }
    }

    /// Reports the end of the run.
    ///
    /// - Throws: `ImageFetchError` when the page cannot be written.
    func finish(_ end: BulkProgress) async throws {
        progress?.clear()
        let summary = FetchSummary.line(
            end, time: Clocks.system.instant() - start,
            plan: run.options.isDryRun ? forecast.text(run.tokens) : nil)
        try gallery.map {
            try $0.file.append($0.page.foot(summary, source: run.source, date: Clocks.system.now()))
        }
        guard !isQuiet else { return }
        if run.isList { Terminal.report("larkimg: \(summary)\n" + FetchSummary.failures(failures)) }
        guard run.options.isDryRun, let warnings = try? await forecast.warnings(run.tokens), !warnings.isEmpty else {
            return
        }
        Terminal.report(warnings)
    }

    /// The kind under which a failure is counted: the platform's code, else our own.
    private static func kind(of error: any Error) -> String {
        switch error {
        case let error as LarkError:
            error.platformCode.map { "\($0) \(Language.current.text(error.summary))" }
                ?? error.kind.rawValue.replacing("_", with: " ")
        case let error as ImageFetchError: error.kind.rawValue.replacing("_", with: " ")
        default: TerminalText.visible("\(error)", limit: 120)
        }
    }
}
