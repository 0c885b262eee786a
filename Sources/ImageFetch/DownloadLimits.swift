/// What a download may take.
public struct DownloadLimits: Sendable {
    /// The largest file accepted, in bytes. 100 MiB: the platform's own limit for message resources is 100 MB, for
    /// images 10 MB (documents "Get the resource file of a message" and "Upload image").
    public var maximumBytes = 100 << 20

    /// For one file, all tries and waits included.
    public var totalTime: Duration = .seconds(300)

    /// How long a token must still live when a request leaves with it.
    public var tokenLife: Duration = .seconds(60)

    /// Whether the SHA-256 of what comes is told.
    public var takesDigest = true

    /// 100 MiB, five minutes, a minute.
    public init() {}
}
