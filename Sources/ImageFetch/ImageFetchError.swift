/// A download that failed locally, or whose content is not what was asked for.
public struct ImageFetchError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is. Outside this package, a `switch` needs `@unknown default`.
    @nonexhaustive
    public enum Kind: String, Sendable, CaseIterable {
        /// The response is not an image.
        case notAnImage = "not_an_image"
        /// The response is larger than allowed.
        case tooLarge = "too_large"
        /// The file cannot be created: no such directory, no permission, or something else has its name.
        case cannotCreate = "cannot_create"
        /// Writing failed: disk full, file too large for the file system, input/output error.
        case writeFailed = "write_failed"
        /// A list cannot be read.
        case readFailed = "read_failed"
    }

    /// What kind of failure it is.
    public let kind: Kind
    /// What happened, on what.
    public let description: String
    /// What to do next.
    public let remedy: String
    /// The platform's log id of the request, if there was a response.
    public let logID: String?
    /// The error below this one, where there is one.
    public let underlying: (any Error)?

    init(
        _ kind: Kind, _ description: String, remedy: String, logID: String? = nil, underlying: (any Error)? = nil
    ) {
        self.kind = kind
        self.description = description
        self.remedy = remedy
        self.logID = logID
        self.underlying = underlying
    }
}
