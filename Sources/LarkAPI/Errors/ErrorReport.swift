/// An error for scripts: the `error` object of `--json`. Members that do not apply are absent.
public struct ErrorReport: Encodable, Sendable {
    private let type: String
    private let code: Int?
    private let httpStatus: Int?
    private let message: String
    private let logID: String?
    private let remedy: String?
    private let retryable: Bool
    /// Seconds.
    private let retryAfter: Int?

    private enum CodingKeys: String, CodingKey {
        case type
        case code
        case httpStatus = "http_status"
        case message
        case logID = "log_id"
        case remedy
        case retryable
        case retryAfter = "retry_after"
    }

    /// Reports an error of the platform or of the connection to it.
    ///
    /// - Parameters:
    ///   - error: the error; its message is the platform's own where there is one.
    ///   - remedy: what to do, with the names of tenant and key filled in.
    public init(_ error: LarkError, remedy: String) {
        type = error.kind.rawValue
        code = error.platformCode
        httpStatus = error.httpStatus
        message = error.platformMessage ?? error.summary
        logID = error.logID
        self.remedy = remedy
        retryable = error.isRetryable
        retryAfter = error.retryAfter.map { Int($0.components.seconds) }
    }

    /// Reports an error of larkimg itself.
    public init(type: String, message: String, remedy: String?, retryable: Bool, logID: String? = nil) {
        self.type = type
        code = nil
        httpStatus = nil
        self.message = message
        self.logID = logID
        self.remedy = remedy
        self.retryable = retryable
        retryAfter = nil
    }
}
