import ArgumentParser
import AuthService
import AuthServiceClient
import Glibc
import ImageFetch
import LarkAPI
import TokenStore

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

    /// What to do, with the placeholders for tenant, key and app replaced.
    var remedy: String? {
        switch error {
        case let error as LarkError: filled(error.remedy)
        case let error as StoreError: error.remedy
        case let error as ImageFetchError: error.remedy
        case let error as ServiceRefusal: error.remedy
        case let error as ServiceStartError: error.remedy
        case let error as UsageError: error.remedy
        case let error as InputError: error.remedy
        default: nil
        }
    }

    private func filled(_ remedy: String) -> String {
        let places = [("TENANT", tenant?.text), ("KEY", reference?.key.text), ("APP_ID", appID?.text)]
        return places.reduce(remedy) { text, place in
            place.1.map { text.replacing(place.0, with: $0) } ?? text
        }
    }

    /// The error as scripts read it.
    var report: ErrorReport {
        switch error {
        case let error as LarkError:
            ErrorReport(error, remedy: filled(error.remedy))
        case let error as ImageFetchError:
            ErrorReport(
                type: error.kind.rawValue, message: error.description, remedy: error.remedy, retryable: false,
                logID: error.logID)
        case let error as StoreError:
            ErrorReport(
                type: error.code.rawValue, message: error.description, remedy: error.remedy,
                retryable: error.code == .busy)
        case let error as ServiceRefusal:
            ErrorReport(
                type: error.type, message: error.description, remedy: error.remedy, retryable: error.isRetryable)
        case let error as ServiceStartError:
            ErrorReport(
                type: error.code.rawValue, message: error.description, remedy: error.remedy, retryable: false)
        default:
            ErrorReport(type: "usage", message: TerminalText.visible("\(error)"), remedy: remedy, retryable: false)
        }
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
struct UsageError: Error, CustomStringConvertible {
    let description: String
    let remedy: String
}
