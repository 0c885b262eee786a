public import LarkAPI

/// One line of JSON about one download. A list takes the same form. Members that do not apply are absent.
public struct FetchReport: Encodable, Sendable {
    private var line: Int?
    private var tenant: String?
    private var imageKey: String?
    private var messageID: String?
    private var type: String?
    private var output: String?
    private var status: String?
    private var path: String?
    private var bytes: Int?
    private var contentType: String?
    private var sha256: String?
    private var attempts: Int?
    private var error: ErrorReport?

    private enum CodingKeys: String, CodingKey {
        case line
        case tenant
        case imageKey = "image_key"
        case messageID = "message_id"
        case type
        case output
        case status
        case path
        case bytes
        case contentType = "content_type"
        case sha256
        case attempts
        case error
    }

    private init(_ item: FetchItem) {
        tenant = item.tenant.text
        imageKey = item.reference.key.text
        messageID = item.reference.message?.text
        // What the app uploaded itself is always an image.
        type = item.reference.message == nil ? nil : item.reference.type.rawValue
        output = item.output.map { "\($0)" }
    }

    /// Reports a download that did not fail.
    public init(_ item: FetchItem, _ outcome: DownloadOutcome) {
        self.init(item)
        status = outcome.status.rawValue
        path = outcome.path
        bytes = outcome.bytes
        contentType = outcome.contentType
        sha256 = outcome.sha256
        attempts = outcome.attempts
    }

    /// Reports a failure.
    ///
    /// - Parameters:
    ///   - item: what was asked for.
    ///   - attempts: how many requests were sent.
    ///   - error: what went wrong.
    public init(failed item: FetchItem, attempts: Int, error: ErrorReport) {
        self.init(item)
        status = "failed"
        self.attempts = attempts
        self.error = error
    }

    /// Reports what a dry run would do.
    ///
    /// - Parameters:
    ///   - item: what would be asked for.
    ///   - path: where it would go, with `*` for an extension that is not known yet.
    public init(planned item: FetchItem, path: String) {
        self.init(item)
        status = "planned"
        self.path = path
    }

    /// Reports a line that names no download.
    public init(_ line: InvalidLine) {
        self.line = line.number
        status = "failed"
        error = ErrorReport(type: "usage", message: line.reason, remedy: "Fix the line", retryable: false)
    }

    /// The item as a list takes it.
    ///
    /// - Parameters:
    ///   - item: the download.
    ///   - error: why it is to be downloaded again; nil if it was not started.
    public init(again item: FetchItem, error: ErrorReport? = nil) {
        self.init(item)
        self.error = error
    }
}
