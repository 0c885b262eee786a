public import LarkAPI

/// One line about one image, as `larkimg fetch --json` prints it.
public struct FetchReport: Encodable, Sendable {
    private let tenant: String
    private let imageKey: String
    private let messageID: String?
    private let status: String
    private let path: String?
    private let bytes: Int?
    private let contentType: String?
    private let sha256: String?
    private let attempts: Int
    private let error: ErrorReport?

    private enum CodingKeys: String, CodingKey {
        case tenant
        case imageKey = "image_key"
        case messageID = "message_id"
        case status
        case path
        case bytes
        case contentType = "content_type"
        case sha256
        case attempts
        case error
    }

    /// Reports a download that did not fail.
    public init(_ outcome: DownloadOutcome, tenant: TenantName) {
        self.tenant = tenant.text
        imageKey = outcome.reference.key.text
        messageID = outcome.reference.message?.text
        status = outcome.status.rawValue
        path = outcome.path
        bytes = outcome.bytes
        contentType = outcome.contentType
        sha256 = outcome.sha256
        attempts = outcome.attempts
        error = nil
    }

    /// Reports a failure.
    ///
    /// - Parameters:
    ///   - reference: what was asked for.
    ///   - tenant: for whom.
    ///   - attempts: how many requests were sent.
    ///   - error: what went wrong.
    public init(failed reference: ImageReference, tenant: TenantName, attempts: Int, error: ErrorReport) {
        self.tenant = tenant.text
        imageKey = reference.key.text
        messageID = reference.message?.text
        status = "failed"
        path = nil
        bytes = nil
        contentType = nil
        sha256 = nil
        self.attempts = attempts
        self.error = error
    }
}
