public import LarkAPI

/// A download whose content is wrong, or that cannot be written.
public struct ImageFetchError: ReportableError {
    /// The kinds of failure. Outside this package, a `switch` needs `@unknown default`.
    @nonexhaustive
    public enum Kind: String, Sendable, CaseIterable {
        /// The response is not an image.
        case notAnImage = "not_an_image"
        /// The response is larger than allowed.
        case tooLarge = "too_large"
        /// The file cannot be created: no such directory, no permission, another kind of file exists.
        case cannotCreate = "cannot_create"
        /// Writing failed: disk full, file too large for the file system, input/output error.
        case writeFailed = "write_failed"
        /// A list cannot be read.
        case readFailed = "read_failed"
    }

    /// The kind of failure.
    public let kind: Kind
    /// What failed, on what.
    public let description: String
    /// What to do next.
    public let remedy: Remedy?
    /// The platform's log id of the request, if there was a response.
    public let logID: String?
    /// The underlying error, if any.
    public let underlying: (any Error)?

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var reportType: String { kind.rawValue }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var isRetryable: Bool { false }

    init(
        _ kind: Kind, _ description: String, remedy: Remedy, logID: String? = nil, underlying: (any Error)? = nil
    ) {
        self.kind = kind
        self.description = description
        self.remedy = remedy
        self.logID = logID
        self.underlying = underlying
    }
}
