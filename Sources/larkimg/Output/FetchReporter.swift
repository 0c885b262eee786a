import FoundationEssentials
import ImageFetch
import LarkAPI
import SystemPackage

/// Reports on a run: a line per image, report files, the gallery, progress, and a summary.
final class FetchReporter {
    private let asJSON: Bool
    private let tenants: TenantCache
    private let source: String
    private let folder: String
    private let report: AppendOnlyFile?
    private let errors: AtomicTextFile?
    private let gallery: (page: Gallery, file: AtomicTextFile)?
    private let progress: ProgressLine?
    private let isQuiet: Bool
    private let start = Clocks.system.now()
    private var failures: [String: Int] = [:]
    private var statuses: Set<Int32> = []

    private init(
        _ options: ReportOptions, asJSON: Bool, tenants: TenantCache, source: String, folder: String,
        report: AppendOnlyFile?, errors: AtomicTextFile?, gallery: AtomicTextFile?
    ) {
        self.asJSON = asJSON
        self.tenants = tenants
        self.source = source
        self.folder = folder
        self.report = report
        self.errors = errors
        self.gallery = gallery.map { (Gallery(page: FilePath(options.gallery ?? "")), $0) }
        isQuiet = options.quiet
        progress = ProgressLine.isPossible && !options.quiet ? ProgressLine(now: Clocks.system.now) : nil
    }

    /// Opens the report files and runs a closure with a reporter. Files that are written atomically get their
    /// names when the closure returns.
    ///
    /// - Returns: the exit status of the run; nil for success.
    /// - Throws: ``InputError`` and `ImageFetchError` for files that cannot be written; errors of the closure.
    static func with(
        _ options: ReportOptions, asJSON: Bool, tenants: TenantCache, source: String, folder: String,
        _ body: (FetchReporter) async throws -> Void
    ) async throws -> Int32? {
        try await AppendOnlyFile.with(options.report) { report in
            try await AtomicTextFile.with(options.errorsTo.map { FilePath($0) }) { errors in
                try await AtomicTextFile.with(options.gallery.map { FilePath($0) }) { gallery in
                    let reporter = FetchReporter(
                        options, asJSON: asJSON, tenants: tenants, source: source, folder: folder, report: report,
                        errors: errors, gallery: gallery)
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

    /// Reports the result of one line.
    ///
    /// - Throws: ``OutputError``, ``InputError``, `ImageFetchError` when it cannot be written; `CancellationError`.
    func tell(_ event: BulkEvent) async throws {
        switch event {
        case .done(let item, let outcome):
            try await tell(FetchReport(item, outcome), text: outcome.path ?? "")
            try gallery.map { try $0.file.append($0.page.figure(item, outcome)) }
        case .planned(let item, let name):
            let path = FilePath(folder).appending("\(name)").string
            try await tell(FetchReport(planned: item, path: path), text: "would fetch \(item.reference) as \(path)")
        case .repeated:
            break
        case .invalid(let line):
            statuses.insert(ExitStatus.mixed)
            failures["invalid line", default: 0] += 1
            try await tell(
                FetchReport(line), failure: "larkimg: \(TerminalText.visible("\(source): \(line)", limit: 2000))\n")
            try errors?.append("# \(TerminalText.visible("\(source): \(line): \(line.text)", limit: 2000))\n")
        case .failed(let item, let failure):
            try await tell(item, failure)
        }
    }

    private func tell(_ item: FetchItem, _ failure: DownloadFailure) async throws {
        let described = Failure(
            failure.error, tenant: item.tenant, reference: item.reference, appID: tenants.appID(of: item.tenant))
        statuses.insert(ExitStatus.of(failure.error) ?? ExitStatus.mixed)
        failures[Self.kind(of: failure.error), default: 0] += 1
        try await tell(
            FetchReport(failed: item, attempts: failure.attempts, error: described.report), failure: described.text)
        try errors?.append(try JSONLine.text(FetchReport(again: item, error: described.report)))
        try gallery.map {
            try $0.file.append(
                $0.page.figure(failed: item, error: "\(failure.error)", remedy: described.remedy))
        }
    }

    private func tell(_ line: FetchReport, text: String) async throws {
        let json = asJSON || report != nil ? try JSONLine.text(line) : ""
        try await Terminal.stream(asJSON ? json : "\(TerminalText.visible(text, limit: 4096))\n")
        try report?.append(json)
    }

    private func tell(_ line: FetchReport, failure: String) async throws {
        let json = asJSON || report != nil ? try JSONLine.text(line) : ""
        if asJSON { try await Terminal.stream(json) } else { Terminal.report(failure) }
        try report?.append(json)
    }

    /// Reports the end of the run.
    ///
    /// - Parameters:
    ///   - end: the final counts.
    ///   - isWorthSumming: whether to write a summary.
    /// - Throws: `ImageFetchError` when the page cannot be written.
    func end(_ end: BulkProgress, isWorthSumming: Bool) throws {
        progress?.clear()
        let seconds = Clocks.system.now().timeIntervalSince(start)
        let summary = FetchSummary.line(end, seconds: seconds)
        try gallery.map { try $0.file.append($0.page.foot(summary)) }
        guard isWorthSumming, !isQuiet else { return }
        Terminal.report("larkimg: \(summary)\n" + FetchSummary.failures(failures))
    }

    /// The kind under which a failure is counted: the platform's code, else our own.
    private static func kind(of error: any Error) -> String {
        switch error {
        case let error as LarkError:
            error.platformCode.map { "\($0) \(error.summary)" } ?? error.kind.rawValue.replacing("_", with: " ")
        case let error as ImageFetchError: error.kind.rawValue.replacing("_", with: " ")
        default: TerminalText.visible("\(error)", limit: 120)
        }
    }
}
