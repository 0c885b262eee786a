/// An error that says what failed and what to do about it. Its description is one line, and never holds a secret.
public protocol ReportableError: Error, CustomStringConvertible {
    /// The kind of error in scripts, such as `not_found`. It is part of the interface.
    var reportType: String { get }

    /// What to do next.
    var remedy: Remedy? { get }

    /// Whether the same request can succeed later without any change.
    var isRetryable: Bool { get }

    /// The platform's id of the request, if there was a response.
    var logID: String? { get }
}

extension ReportableError {
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var logID: String? { nil }
}

extension Error {
    /// Whether the same request can succeed later without any change.
    package var isTransient: Bool { (self as? any ReportableError)?.isRetryable ?? false }
}
