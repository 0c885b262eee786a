import ArgumentParser
import Glibc
import LarkAPI

/// An error with its tenant, image and app, as the user reads it.
struct Failure: Error {
    let error: any Error
    let tenant: TenantName?
    let reference: ImageReference?
    let appID: AppID?
    /// Whether the user asked for JSON, errors included.
    let asJSON: Bool

    init(
        _ error: any Error, tenant: TenantName? = nil, reference: ImageReference? = nil, appID: AppID? = nil,
        asJSON: Bool = false
    ) {
        self.error = error
        self.tenant = tenant
        self.reference = reference
        self.appID = appID
        self.asJSON = asJSON
    }

    /// What failed, on one line, and what to do, on the next.
    var text: String {
        let subject = ["larkimg", tenant?.text, reference?.description].compactMap(\.self).joined(separator: ": ")
        let line = "\(subject): \(TerminalText.visible("\(error)", limit: 2000))\n"
        return remedy.map { "\(line)  \(TerminalText.visible($0, limit: 2000))\n" } ?? line
    }

    /// What to do, in terms of larkimg's commands.
    var remedy: String? {
        guard let remedy = (error as? any ReportableError)?.remedy else { return nil }
        return RemedyText(tenant: tenant, reference: reference, appID: appID).text(remedy)
    }

    /// The error as scripts read it.
    var report: ErrorReport {
        (error as? any ReportableError).map { ErrorReport($0, remedy: remedy) }
            ?? ErrorReport(type: "usage", message: TerminalText.visible("\(error)"), remedy: nil, retryable: false)
    }

    /// Reports the error and ends the process.
    static func end(_ error: any Error) -> Never {
        let failure = error as? Failure ?? Failure(error)
        guard let status = ExitStatus.of(failure.error) else { Larkimg.exit(withError: failure.error) }
        if let error = failure.error as? OutputError, error.isClosedPipe { exit(status) }
        if failure.error is CancellationError { exit(status) }
        if failure.asJSON, let line = try? JSONLine.text(["error": failure.report]) {
            Terminal.report(line)
        } else {
            Terminal.report(failure.text)
        }
        exit(status)
    }
}

/// Command-line arguments that are wrong or do not go together.
struct UsageError: ReportableError {
    let description: String
    let remedy: Remedy?
    var reportType: String { "usage" }
    var isRetryable: Bool { false }
}
