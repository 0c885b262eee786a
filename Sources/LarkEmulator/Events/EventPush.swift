public import FoundationEssentials

/// An event and the attempts to deliver it.
public struct EventPush: Sendable, Hashable, Codable {
    /// One attempt.
    public struct Delivery: Sendable, Hashable, Codable {
        /// The virtual time at which it began.
        public var time: Date
        /// The HTTP status of the reply; nil if there was none.
        public var status: Int?
        /// Whether the platform counts it as received: status 200 in time, and for url_verification the challenge.
        public var succeeded: Bool
    }

    /// The event's identifier, the same in all deliveries.
    public var uuid: String
    /// The app's app_id.
    public var appID: String
    /// The type, for example `app_ticket` or `url_verification`.
    public var type: String
    /// The body before encryption.
    public var body: String
    /// The attempts so far.
    public var deliveries: [Delivery] = []

    private enum CodingKeys: String, CodingKey {
        case uuid
        case appID = "app_id"
        case type
        case body
        case deliveries
    }
}
