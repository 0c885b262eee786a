/// Choices where the documentation is silent or contradicts itself. The defaults are what was observed most often.
public struct Behaviour: Sendable, Hashable, Codable {
    /// When an image carries Content-Disposition.
    public enum ContentDisposition: String, Sendable, Hashable, Codable {
        /// If the request has `Content-Type: application/json`, as "Download file" says.
        case whenJSONRequested
        /// On every image.
        case always
        /// On none.
        case never
    }

    /// The prefix of new image keys.
    public enum ImageKeyStyle: String, Sendable, Hashable, Codable {
        /// `img_v2_…`
        case v2
        /// `img_v3_02ao_…`
        case v3
    }

    /// With which message_id the resources of forwarded messages can be downloaded.
    public enum ForwardedResources: String, Sendable, Hashable, Codable {
        /// That of the outermost container, as observed; the message's own id is 234003.
        case container
        /// With none, as documented: the container's id is 234043, the message's own 234003.
        case refuse
        /// Its own; the container's is 234043.
        case child
    }

    /// Whether the resources of cards can be downloaded.
    public enum CardResources: String, Sendable, Hashable, Codable {
        /// With the card's message_id, as observed with a user's token.
        case serve
        /// 234043, as documented.
        case refuse
    }

    /// The lifetime of a new token, in seconds.
    public var tokenLifetime = 7200
    /// HTTP status of a wrong secret.
    public var wrongSecretStatus = 200
    /// Code of a wrong secret: 10014 was observed, 10015 is documented.
    public var wrongSecretCode = 10014
    /// Code with which the token endpoints refuse a disabled app.
    public var disabledAppCode = 10014
    /// Code with which the token endpoint refuses a tenant that has not installed the store app: 10013 or 11210.
    public var notInstalledCode = 10013
    /// Whether the app_ticket before the newest one still works.
    public var acceptsPreviousTicket = true
    /// HTTP status of 99991664, a bad app_access_token.
    public var invalidAppTokenStatus = 400
    /// HTTP status of 99991662, a disabled app.
    public var disabledAppStatus = 400
    /// HTTP status of 99991673, an app that is not installed.
    public var notInstalledStatus = 400
    /// HTTP status of 99991401, an address that is not on the list.
    public var deniedIPStatus = 400
    /// HTTP status of 99991400: 429, and 400 on older APIs.
    public var quotaStatus = 429
    /// When an image carries Content-Disposition.
    public var contentDisposition = ContentDisposition.whenJSONRequested
    /// Whether a Range request gets status 206.
    public var honoursRange = false
    /// Whether images come without Content-Length.
    public var chunksImages = false
    /// Whether images carry `Inner_file_data_meta`.
    public var sendsInnerFileDataMeta = false
    /// The prefix of new image keys.
    public var imageKeyStyle = ImageKeyStyle.v3
    /// The name of the log id in error bodies: `log_id` was observed, `logid` is in the sample.
    public var logIDName = "log_id"
    /// Whether `/oauth/v3/token` fails with 500 and 20050, as observed on Lark international.
    public var failsOAuth = false
    /// Seconds between `app_ticket/resend` and the push.
    public var resendDelay = 0
    /// Whether `app_ticket/resend` is followed by no push at all.
    public var losesResend = false
    /// How many more times each event is pushed with the same uuid.
    public var duplicateEvents = 0

    /// With which message_id the resources of forwarded messages can be downloaded.
    public var forwardedResources = ForwardedResources.container
    /// Whether the resources of cards can be downloaded.
    public var cardResources = CardResources.refuse
    /// Code of a message resource that is requested with the wrong `type`: 234003 or 234001.
    public var wrongResourceTypeCode = 234003
    /// Code of a sticker: 234002 was observed; the documentation says only that it cannot be downloaded.
    public var stickerCode = 234002
    /// Code of a directory in a message.
    public var folderCode = 234043
    /// Whether "Get message" refuses a recalled message with 230110 instead of sending it without content.
    public var refusesRecalledMessages = false
    /// Whether "Get message" sends a container after the messages in it: their order is not documented.
    public var sendsContainersLast = false

    /// Whether the content of a container in an event is an empty text, as observed.
    public var emptiesContainersInEvents = false
    /// Whether `GET /open-apis/im/v1/messages/mget` exists; it is undocumented.
    public var servesMessageBatches = true

    /// The defaults.
    public init() {}
}
