public import FoundationEssentials

/// An error that says what failed and what to do about it. Its description is one line, and never holds a secret.
///
/// As a `LocalizedError` it says the same: its localized description is its description, its recovery suggestion the
/// remedy.
public protocol ReportableError: LocalizedError, CustomStringConvertible {
    /// The kind of error in scripts, such as `not_found`. It is part of the interface.
    var reportType: String { get }

    /// What to do next.
    var remedy: Remedy? { get }

    /// Whether the same request can succeed later without any change.
    var isRetryable: Bool { get }

    /// The platform's id of the request, if there was a response.
    var logID: String? { get }
}

/// A setting of the client that cannot be used, such as a file that cannot be read.
public struct ConfigurationError: ReportableError {
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public let description: String
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public let remedy: Remedy?
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var reportType: String { "configuration" }
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var isRetryable: Bool { false }

    init(_ description: String, remedy: Remedy?) {
        self.description = description
        self.remedy = remedy
    }
}

extension ReportableError {
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var logID: String? { nil }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var errorDescription: String? { description }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var failureReason: String? { nil }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var recoverySuggestion: String? { remedy?.description }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var helpAnchor: String? { nil }
}

extension Error {
    /// Whether the same request can succeed later without any change.
    package var isTransient: Bool { (self as? any ReportableError)?.isRetryable ?? false }
}

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

    /// Reports an error.
    ///
    /// - Parameters:
    ///   - error: the error. For one of the platform, the message is the platform's own where there is one.
    ///   - remedy: what to do, in the words of the program that reports it.
    public init(_ error: any ReportableError, remedy: String?) {
        let platformError = error as? LarkError
        type = error.reportType
        code = platformError?.platformCode
        httpStatus = platformError?.httpStatus
        message = platformError.map { $0.platformMessage ?? $0.summary } ?? error.description
        logID = error.logID
        self.remedy = remedy
        retryable = error.isRetryable
        retryAfter = platformError?.retryAfter.map { Int($0.components.seconds) }
    }

    /// Reports an error in the use of a program, or one that its user cannot do anything about.
    public init(type: String, message: String, remedy: String?, retryable: Bool) {
        self.type = type
        code = nil
        httpStatus = nil
        self.message = message
        logID = nil
        self.remedy = remedy
        self.retryable = retryable
        retryAfter = nil
    }
}
