/// A download that went wrong on our side of the wire, or whose bytes are not what they should be.
public struct ImageFetchError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is. Outside this package, a `switch` needs `@unknown default`.
    @nonexhaustive
    public enum Kind: String, Sendable, CaseIterable {
        /// What came is no image.
        case notAnImage = "not_an_image"
        /// What came is larger than allowed.
        case tooLarge = "too_large"
        /// The file cannot be made: no such directory, no permission, something else is in its place.
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
    /// The platform's own number of the request, where there was an answer.
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
