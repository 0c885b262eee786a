public import LarkAPI
import Messages

/// One line of JSON about one download. A list takes the same form. Members that do not apply are absent.
public struct FetchReport: Encodable, Sendable {
    private var line: Int?
    private var tenant: String?
    private var imageKey: String?
    private var messageID: String?
    private var ownerMessageID: String?
    private var type: String?
    private var output: String?
    private var chatID: String?
    private var senderID: String?
    private var createTime: String?
    private var fileName: String?
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
        case ownerMessageID = "owner_message_id"
        case type
        case output
        case chatID = "chat_id"
        case senderID = "sender_id"
        case createTime = "create_time"
        case fileName = "file_name"
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
        chatID = item.message?.chat
        senderID = item.message?.sender
        createTime = item.message?.createdAt.map { "\($0)" }
        fileName = item.fileName
    }

    /// Reports a download that did not fail.
    public init(_ item: FetchItem, _ outcome: DownloadOutcome) {
        self.init(item)
        let owner = outcome.reference.message?.text
        ownerMessageID = owner == messageID ? nil : owner
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

    /// Reports what an earlier run found to be gone.
    ///
    /// - Parameter remedy: how to request it nevertheless.
    public init(gone item: FetchItem, _ gone: GoneResource, remedy: String) {
        self.init(item)
        status = "gone"
        error = ErrorReport(
            type: "gone", message: "\(gone.reason) (\(gone.code))", remedy: remedy, retryable: false)
    }

    private init(_ lookup: MessageLookup) {
        tenant = lookup.tenant.text
        messageID = lookup.message.text
    }

    /// Reports a message that could not be requested.
    ///
    /// - Parameters:
    ///   - lookup: the message.
    ///   - attempts: how many requests were sent.
    ///   - error: what went wrong.
    public init(failed lookup: MessageLookup, attempts: Int, error: ErrorReport) {
        self.init(lookup)
        status = "failed"
        self.attempts = attempts
        self.error = error
    }

    /// Reports a message that a dry run would request.
    public init(planned lookup: MessageLookup) {
        self.init(lookup)
        status = "planned"
    }

    /// The message as a list takes it.
    ///
    /// - Parameters:
    ///   - lookup: the message.
    ///   - error: why it is to be requested again; nil if it was not started.
    public init(again lookup: MessageLookup, error: ErrorReport? = nil) {
        self.init(lookup)
        self.error = error
    }

    /// Reports what the platform does not deliver.
    public init(_ resource: UnavailableResource) {
        line = resource.line
        messageID = resource.message?.text
        status = "unavailable"
        error = ErrorReport(type: "unavailable", message: resource.reason, remedy: nil, retryable: false)
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
