/// A download that failed, and how often it was tried.
public struct DownloadFailure: Error, Sendable, CustomStringConvertible {
    /// What went wrong: a `LarkError`, an ``ImageFetchError``, or what the token provider threw.
    public let error: any Error
    /// How many requests for it were sent.
    public let attempts: Int

    /// The error's own line.
    public var description: String { "\(error)" }
}
