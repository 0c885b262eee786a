import ArgumentParser
import FoundationEssentials
import Glibc
import ImageFetch
import LarkAPI

/// A command whose errors name its tenant, and are JSON if the user asks for that.
protocol ReportingCommand: ParsableCommand {
    /// Whether the user asked for JSON, errors included.
    var json: Bool { get }
    /// The tenant that the command is about.
    var subject: TenantName? { get }
}

extension ReportingCommand {
    var json: Bool { false }
    var subject: TenantName? { nil }
}

extension ArgumentHelp {
    /// The help of every `--json`.
    static let json: ArgumentHelp = "Print JSON: one object, or one line per item. Errors are JSON on stderr."
}

/// An error with its tenant, image and app, as the user reads it.
struct Failure: Error {
    let error: any Error
    private(set) var tenant: TenantName?
    let reference: ImageReference?
    let message: MessageID?
    let appID: AppID?
    /// Whether the command is about something that exists, so that an unknown name is a mistyped one.
    private var expectsName = false

    init(
        _ error: any Error, tenant: TenantName? = nil, reference: ImageReference? = nil, message: MessageID? = nil,
        appID: AppID? = nil
    ) {
        self.error = error
        self.tenant = tenant
        self.reference = reference
        self.message = message
        self.appID = appID
    }

    /// An error that a command threw.
    init(_ error: any Error, of command: any ParsableCommand) {
        self = error as? Failure ?? Failure(error)
        expectsName = ["show", "update", "rotate", "remove", "set"].contains(type(of: command)._commandName)
        // What is wrong with the command itself has nothing to do with the tenant.
        guard !(self.error is CommandError || self.error is InvalidValue || isAboutReport) else { return }
        tenant = tenant ?? (command as? any ReportingCommand)?.subject
    }

    /// What failed, on one line, and what to do, on the next.
    var text: String { text(in: .current) }

    /// The text in a language. The subject is the same in every one.
    func text(in language: Language) -> String {
        let subject = ["larkimg", tenant?.text, reference?.description ?? message?.text].compactMap(\.self)
            .joined(separator: ": ")
        let line = "\(subject): \(TerminalText.visible(language.text(of: error), limit: 2000))\n"
        return remedy.map { "\(line)  \(TerminalText.visible(language.text($0), limit: 2000))\n" } ?? line
    }

    /// What to do, in terms of larkimg's commands, in English.
    var remedy: String? {
        guard let remedy = (error as? any ReportableError)?.remedy else { return nil }
        let text = RemedyText(tenant: tenant, reference: reference, appID: appID, expectsName: expectsName).text(remedy)
        guard isRemembered, let tenant else { return text }
        let command =
            switch remedy.action as? PlatformAction {
            case .replaceAppSecret(of: let app?): "app update \(app)"
            default: "tenant update \(tenant)"
            }
        return "\(text). To ask the platform again at once: larkimg \(command)"
    }

    /// Whether a file with a report of a run cannot be written.
    private var isAboutReport: Bool {
        if case .chooseReport = (error as? any ReportableError)?.remedy?.action as? DownloadAction { return true }
        return false
    }

    /// Whether the error repeats a refusal, for the time of its back-off.
    private var isRemembered: Bool {
        guard let error = error as? LarkError else { return false }
        return error.kind == .refused && error.retryAfter != nil
    }

    /// The error as scripts read it.
    var report: ErrorReport {
        (error as? any ReportableError).map { ErrorReport($0, remedy: remedy) }
            ?? ErrorReport(type: "usage", message: TerminalText.visible("\(error)"), remedy: nil, retryable: false)
    }

    /// Reports the error and ends the process.
    func end(asJSON: Bool) -> Never {
        if let code = error as? ExitCode { exit(code.rawValue) }
        let status = ExitStatus.of(error) ?? ExitStatus.mixed
        // The parser's own commands throw the help that was requested.
        if ExitStatus.of(error) == nil, Larkimg.exitCode(for: error) == .success { CommandLineError(error).end() }
        let isSilent = error is CancellationError || (error as? OutputError)?.isClosedPipe == true
        if !isSilent {
            let line = asJSON ? try? JSONLine.text(["error": report]) : nil
            Terminal.report(line ?? text)
        }
        exit(status)
    }
}

/// An error of a command itself: its arguments, its input, or a file that it writes.
struct CommandError: ReportableError {
    let description: String
    let remedy: Remedy?
    /// From sysexits.h.
    var status = EX_USAGE
    var reportType: String { "usage" }
    var isRetryable: Bool { false }
}

/// What the argument parser throws: an error, or a request for help or the version.
struct CommandLineError {
    private let error: any Error
    private let arguments: [String]

    init(_ error: any Error) {
        self.error = error
        // What follows belongs to the program that `exec` runs.
        arguments = ProcessInfo.processInfo.arguments.dropFirst().prefix { $0 != "--" }
    }

    /// Reports the error, or prints what was requested, and ends the process.
    func end() -> Never {
        guard Larkimg.exitCode(for: error) != .success else {
            do {
                let help = HelpText(columns: Terminal.columns(of: 1), language: .current)
                try Terminal.write(help.text(for: error) + "\n")
                exit(EXIT_SUCCESS)
            } catch {
                Failure(error).end(asJSON: false)
            }
        }
        let message = Larkimg.message(for: error).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let failure =
            UnknownCommand(in: arguments)?.error
            ?? CommandError(
                description: message.prefix(1).lowercased() + message.dropFirst(),
                remedy: "See \(CommandPath(of: arguments).text) --help")
        Failure(failure).end(asJSON: asksForJSON)
    }

    private var asksForJSON: Bool {
        arguments.contains("--json") || arguments.contains("--format=json")
            || zip(arguments, arguments.dropFirst()).contains { $0 == ("--format", "json") }
    }
}
