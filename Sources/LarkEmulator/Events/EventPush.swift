public import FoundationEssentials

/// An event and the attempts to deliver it.
public struct EventPush: Sendable, Hashable, Codable {
    /// One attempt.
    public struct Delivery: Sendable, Hashable, Codable {
        /// The virtual time at which it began.
        public var time: Date
        /// The HTTP status of the reply, or nil where there was none.
        public var status: Int?
        /// Whether the platform takes it for received: status 200 in time, and for url_verification the challenge.
        public var succeeded: Bool
    }

    /// What makes the event one and the same over all deliveries.
    public var uuid: String
    /// The app it belongs to.
    public var appID: String
    /// Such as `app_ticket` or `url_verification`.
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
