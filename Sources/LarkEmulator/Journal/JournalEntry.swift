public import FoundationEssentials

/// One request that the emulator received, with the status and code of its response.
public struct JournalEntry: Sendable, Hashable, Codable {
    /// A header field as received.
    public struct Header: Sendable, Hashable, Codable {
        /// The name, in the sender's letter case.
        public var name: String
        /// The value, not redacted: the emulator's secrets are made up.
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
    /// The API; nil if the path is not one of the platform's.
    public var api: PlatformAPI?
    /// The calling app, if the request identifies it.
    public var appID: String?
    /// The tenant, if the request identifies it.
    public var tenantKey: String?
    /// The response's status; nil while the request waits, or if the connection was closed before the headers.
    public var status: Int?
    /// The platform's code in the response: 0 for success, nil if the response has none.
    public var code: Int?
    /// The log id of the response.
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
