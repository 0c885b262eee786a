import LarkAPI

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
        _ check: String, _ subject: String, _ result: Result, _ message: String?, remedy: String?, exitStatus: Int32?
    ) {
        self.check = check
        self.subject = TerminalText.visible(subject)
        self.result = result
        self.message = message.map { TerminalText.visible($0, limit: 2000) }
        self.remedy = remedy.map { TerminalText.visible($0, limit: 2000) }
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
            exitStatus: ExitStatus.of(failure.error) ?? ExitStatus.mixed)
    }

    static func fail(_ check: String, _ subject: String, _ message: String, remedy: String) -> Finding {
        Finding(check, subject, .fail, message, remedy: remedy, exitStatus: ExitStatus.configuration)
    }

    /// A line for people, and one with the remedy, if any.
    var text: String {
        let message = message.map { ": \($0)" } ?? ""
        let remedy = remedy.map { "      \($0)\n" } ?? ""
        return "\(result.rawValue)  \(check) \(subject)\(message)\n\(remedy)"
    }
}
