public import FoundationEssentials
import Hummingbird
import Synchronization

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
    /// The message_id in the path, or nil.
    public var messageID: String?
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
        case messageID = "message_id"
        case status
        case code
        case logID = "log_id"
    }

    /// The value of the first header field of that name in any letter case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// The requests so far.
struct Journal: Sendable {
    var entries: [JournalEntry] = []
    private var lastSequence = 0

    /// Records a request and returns its sequence number.
    mutating func record(_ request: IncomingRequest, at now: Date) -> Int {
        lastSequence += 1
        entries.append(
            JournalEntry(
                sequence: lastSequence,
                time: now,
                method: request.method,
                path: request.path,
                query: request.query,
                headers: request.headers.map { JournalEntry.Header(name: $0.name.rawName, value: $0.value) },
                body: request.isTokenRequest ? request.bodyText : nil,
                api: request.route.api,
                appID: request.appID,
                tenantKey: request.tenantKey,
                messageID: request.route.messageID,
                status: nil,
                code: nil,
                logID: request.logID
            )
        )
        return lastSequence
    }

    /// Records the response to a request. Does nothing if the journal was cleared in the meantime.
    mutating func complete(_ sequence: Int, status: Int?, code: Int?) {
        // Entries are in order and without gaps, so the distance to the first is the index.
        guard let first = entries.first?.sequence, entries.indices.contains(sequence - first) else { return }
        entries[sequence - first].status = status
        entries[sequence - first].code = code
    }
}

extension Emulator {
    /// All requests so far in order of arrival, except those to the emulator's own addresses.
    public var journal: [JournalEntry] {
        platform.withLock { $0.journal.entries }
    }

    /// How many requests one API has received, whatever the response.
    public func count(of api: PlatformAPI) -> Int {
        platform.withLock { platform in platform.journal.entries.count { $0.api == api } }
    }

    /// Clears the journal. Sequence numbers continue.
    public func clearJournal() {
        platform.withLock { $0.journal.entries = [] }
    }
}
