/// The limits of a download.
public struct DownloadLimits: Sendable {
    /// The largest file accepted, in bytes. 100 MiB: the platform's own limit for message resources is 100 MB, for
    /// images 10 MB (documents "Get the resource file of a message" and "Upload image").
    public var maximumBytes = 100 << 20

    /// For one file, including all attempts and waits.
    public var totalTime: Duration = .seconds(300)

    /// How long a token must still be valid when a request is sent with it.
    public var tokenLife: Duration = .seconds(60)

    /// Whether the SHA-256 of the content is computed.
    public var takesDigest = true

    /// 100 MiB, five minutes, a minute.
    public init() {}
}
