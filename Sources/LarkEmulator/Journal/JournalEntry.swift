public import FoundationEssentials

/// One request that reached the emulator, and what it was answered.
public struct JournalEntry: Sendable, Hashable, Codable {
    /// A header field as it was on the wire.
    public struct Header: Sendable, Hashable, Codable {
        /// The name in the letter case of the sender.
        public var name: String
        /// The value, nothing hidden: the emulator's secrets are made up.
        public var value: String
    }

    /// Counts from 1 in order of arrival.
    public var sequence: Int
    /// The virtual time of arrival.
    public var time: Date
    /// The HTTP method.
    public var method: String
    /// The path as sent, without the query.
    public var path: String
    /// The query as sent, without the question mark.
    public var query: String
    /// All header fields in order.
    public var headers: [Header]
    /// The body, of token requests only.
    public var body: String?
    /// The call, or nil where the path is none of the platform's.
    public var api: PlatformAPI?
    /// The app that called, as far as the request says.
    public var appID: String?
    /// The tenant that was meant, as far as the request says.
    public var tenantKey: String?
    /// The status answered; nil while the request waits, or where it was broken off before the head.
    public var status: Int?
    /// The platform's code in the answer; 0 for success, nil where the answer holds none.
    public var code: Int?
    /// The log id of the answer.
    public var logID: String

    private enum CodingKeys: String, CodingKey {
        case sequence
        case time
        case method
        case path
        case query
        case headers
        case body
        case api
        case appID = "app_id"
        case tenantKey = "tenant_key"
        case status
        case code
        case logID = "log_id"
    }

    /// The value of the first header field of that name in any letter case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
