import FoundationEssentials

/// The body of `POST /_emulator/faults`. All members are optional; they are carried out in this order.
struct ControlCommand: Sendable, Codable {
    struct AppRef: Sendable, Codable {
        var appID: String
        var tenantKey: String?

        private enum CodingKeys: String, CodingKey {
            case appID = "app_id"
            case tenantKey = "tenant_key"
        }
    }

    struct AppChange: Sendable, Codable {
        var appID: String
        var tenantKey: String?
        var appSecret: String?
        var bot: Bool?
        var enabled: Bool?
        var installed: Bool?
        var scopes: Set<String>?
        var allowedIPs: Set<String>?
        var verificationToken: String?
        var encryptKey: String?

        private enum CodingKeys: String, CodingKey {
            case appID = "app_id"
            case tenantKey = "tenant_key"
            case appSecret = "app_secret"
            case bot
            case enabled
            case installed
            case scopes
            case allowedIPs = "allowed_ips"
            case verificationToken = "verification_token"
            case encryptKey = "encrypt_key"
        }
    }

    struct QuotaChange: Sendable, Codable {
        var enforced: Bool
        var perSecond: Int?
        var perMinute: Int?

        private enum CodingKeys: String, CodingKey {
            case enforced
            case perSecond = "per_second"
            case perMinute = "per_minute"
        }
    }

    struct ImageSeed: Sendable, Codable {
        var appID: String
        var tenantKey: String?
        /// In JSON a base64 string.
        var base64: Data
        var contentType: String?
        var sentBy: ImageSender?
        var type: ImageType?
        var imageKey: String?

        private enum CodingKeys: String, CodingKey {
            case appID = "app_id"
            case tenantKey = "tenant_key"
            case base64
            case contentType = "content_type"
            case sentBy = "sent_by"
            case type
            case imageKey = "image_key"
        }
    }

    var clear: Bool?
    var clearJournal: Bool?
    /// The members of ``Behaviour`` to change.
    var behaviour: JSONValue?
    var app: AppChange?
    var quota: QuotaChange?
    var freezeClock: Bool?
    var advanceClock: Double?
    var revokeTokens: AppRef?
    var deleteImage: String?
    var seedImage: ImageSeed?
    var seedChat: Seed<SeededChat>?
    var seedMessage: Seed<SeededMessage>?
    /// The address for events; an empty text removes it.
    var eventsURL: String?
    var add: [Fault]?
    var release: Bool?

    private enum CodingKeys: String, CodingKey {
        case clear
        case clearJournal = "clear_journal"
        case behaviour = "switches"
        case app
        case quota
        case freezeClock = "freeze_clock"
        case advanceClock = "advance_clock"
        case revokeTokens = "revoke_tokens"
        case deleteImage = "delete_image"
        case seedImage = "seed_image"
        case seedChat = "seed_chat"
        case seedMessage = "seed_message"
        case eventsURL = "events_url"
        case add
        case release
    }
}
