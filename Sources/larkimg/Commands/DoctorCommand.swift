import ArgumentParser
import LarkAPI
import TokenStore

/// Checks everything that larkimg needs.
struct DoctorCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check key, store, disk, clock, network and each tenant, and say how to fix problems.",
        discussion: """
            The exit status is 0 if nothing fails, the status that all failures share, or else 1.

            EXAMPLE
              larkimg doctor
              larkimg doctor --offline --json
            """
    )

    @Flag(help: "Check this machine only: contact no host, request no token.")
    var offline = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var network: NetworkOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let doctor = Doctor(location: try store.location(), network: network, isOffline: offline)
        try await SignalHandling.cancelOnSignal { [json] in
            var statuses: Set<Int32> = []
            try await doctor.examine { finding in
                try Terminal.write(json ? JSONLine.text(finding) : finding.text)
                if let status = finding.exitStatus { statuses.insert(status) }
            }
            if let status = statuses.first { throw ExitCode(statuses.count == 1 ? status : ExitStatus.mixed) }
        }
    }
}

/// The result of one check.
struct Finding: Encodable {
    enum Result: String, Encodable {
        case pass
        /// It works, but may soon fail.
        case warn
        case fail
    }

    /// The kind of check: `key`, `store`, `tenant`.
    let check: String
    /// What was checked.
    let subject: String
    let result: Result
    let message: String?
    let remedy: String?
    /// What failed, in the language of the user; nil for the message.
    private let failure: String?
    /// The status that the doctor ends with for this; nil unless it fails.
    let exitStatus: Int32?

    private enum CodingKeys: String, CodingKey {
        case check
        case subject
        case result
        case message
        case remedy
    }

    private init(
        _ check: String, _ subject: String, _ result: Result, _ message: String?, remedy: String?,
        failure: String? = nil,
        exitStatus: Int32?
    ) {
        self.check = check
        self.subject = TerminalText.visible(subject)
        self.result = result
        self.message = message.map { TerminalText.visible($0, limit: 2000) }
        self.remedy = remedy.map { TerminalText.visible($0, limit: 2000) }
        self.failure = failure.map { TerminalText.visible($0, limit: 2000) }
        self.exitStatus = exitStatus
    }

    static func pass(_ check: String, _ subject: String, _ message: String? = nil) -> Finding {
        Finding(check, subject, .pass, message, remedy: nil, exitStatus: nil)
    }

    static func warn(_ check: String, _ subject: String, _ message: String, remedy: String) -> Finding {
        Finding(check, subject, .warn, message, remedy: remedy, exitStatus: nil)
    }

    static func fail(_ check: String, _ subject: String, _ failure: Failure) -> Finding {
        Finding(
            check, subject, .fail, "\(failure.error)", remedy: failure.remedy,
            failure: Language.current.text(of: failure.error),
            exitStatus: ExitStatus.of(failure.error) ?? ExitStatus.mixed)
    }

    static func fail(_ check: String, _ subject: String, _ message: String, remedy: String) -> Finding {
        Finding(check, subject, .fail, message, remedy: remedy, exitStatus: ExitStatus.configuration)
    }

    /// A line for people, and one with the remedy, if any.
    var text: String {
        let message = (failure ?? message).map { ": \($0)" } ?? ""
        let remedy = remedy.map { "      \(Language.current.text($0))\n" } ?? ""
        return "\(result.rawValue)  \(check) \(subject)\(message)\n\(remedy)"
    }
}
