/// An error code of the platform: its meaning, and what to do about it.
///
/// All known codes are in ``LarkErrorCode/table``. An unknown one is reported with its message and log id.
public struct LarkErrorCode: Sendable {
    /// What a code means for other requests.
    package struct Traits: OptionSet, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// Every request of the app in this tenant would fail the same way.
        package static let wholeTenant = Traits(rawValue: 1)
        /// app_id, app_secret or host is wrong.
        package static let credentials = Traits(rawValue: 2)
        /// The app_ticket is no longer valid.
        package static let ticket = Traits(rawValue: 4)
        /// The rate of requests is too high, whatever the HTTP status.
        package static let rateLimit = Traits(rawValue: 8)
        /// The request named the wrong message, or one of a chat the app cannot see: another message may hold the same.
        package static let otherMessage = Traits(rawValue: 16)
        /// The platform will never deliver what it refuses.
        package static let final = Traits(rawValue: 64)
        /// The calls of the month are used up.
        package static let monthQuota = Traits(rawValue: 32)
    }

    /// The `code` in the body.
    public let number: Int

    /// What kind of failure it is; the exit status follows from it.
    public let kind: LarkError.Kind

    /// What it means, in one line. The platform's own message may change at any time.
    public let meaning: String

    /// What to do next.
    public let remedy: Remedy

    /// What to do next if the request was for a message resource; nil for the same.
    package let messageResourceRemedy: Remedy?

    /// Whether the same request can succeed later without any change.
    public let isRetryable: Bool

    package let traits: Traits

    init(
        _ number: Int,
        _ kind: LarkError.Kind,
        _ meaning: String,
        remedy: Remedy,
        messageResourceRemedy: Remedy? = nil,
        isRetryable: Bool = false,
        traits: Traits = []
    ) {
        self.number = number
        self.kind = kind
        self.meaning = meaning
        self.remedy = remedy
        self.messageResourceRemedy = messageResourceRemedy
        self.isRetryable = isRetryable
        self.traits = traits
    }

    /// The entry of a code; nil for an unknown one.
    public static func row(for number: Int) -> LarkErrorCode? { rows[number] }

    private static let rows = Dictionary(table.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
}

extension LarkErrorCode {
    /// Every code we know.
    ///
    /// Sources: documents "Download image" (234001 to 234042), "Get the resource file of a message" (230110, 234003 to
    /// 234043), "Get message" and "Get chat history" (230001 to 231204), "Generic error codes" and "Frequency control"
    /// (10003 to 99992402). Which HTTP status carries a code differs in the field, so the number alone decides.
    public static let table: [LarkErrorCode] = download + messageResource + message + token + gateway + platformTrouble

    private static let checkMessage = Remedy("Check message_id, key and type", PlatformAction.nameUploadedImage)

    private static let download: [LarkErrorCode] = [
        LarkErrorCode(
            234001, .notFound, "the platform has no such image for this app",
            remedy: Remedy("Check the key: it may belong to a user's message", PlatformAction.nameMessage),
            messageResourceRemedy: checkMessage,
            traits: [.otherMessage, .final]
        ),
        LarkErrorCode(
            234002, .refused, "the platform denies this app access",
            remedy:
                "Check the app in the developer console; if it is in order, give the log id to the platform's support"
        ),
        LarkErrorCode(
            234005, .notFound, "the image has been deleted",
            remedy: "It can no longer be downloaded; upload it again if it is still needed",
            traits: .final
        ),
        LarkErrorCode(
            234007, .refused, "the app's bot is not enabled",
            remedy: Remedy("", PlatformAction.configureApp("enable the bot (Features, Bot) and publish a version")),
            traits: .wholeTenant
        ),
        LarkErrorCode(
            234008, .refused, "the app did not upload this image",
            remedy: Remedy("An app can only download what it uploaded", PlatformAction.nameMessage),
            messageResourceRemedy: checkMessage,
            traits: .otherMessage
        ),
        LarkErrorCode(
            234041, .refused, "the tenant's encryption key has been deleted",
            remedy: "Ask the tenant's administrator to restore the tenant master key",
            traits: .wholeTenant
        ),
        LarkErrorCode(
            234042, .tryLater, "the tenant's own storage failed, it may be full",
            remedy: "Ask the tenant's administrator to check the storage of the hybrid deployment, then run this again",
            isRetryable: true
        ),
    ]

    private static let secretHint = Remedy("", PlatformAction.replaceAppSecret(of: nil))

    private static let token: [LarkErrorCode] = [
        LarkErrorCode(10003, .refused, "app_id or app_secret is malformed", remedy: secretHint, traits: .credentials),
        LarkErrorCode(10005, .refused, "the app or the tenant is unknown", remedy: secretHint, traits: .credentials),
        LarkErrorCode(
            10012, .refused, "the app_ticket is not valid",
            remedy: "A new one is requested; the platform also pushes one every hour to the app's event address",
            traits: .ticket
        ),
        LarkErrorCode(
            10013, .refused, "the platform issues no tenant_access_token for this tenant",
            remedy: "Check that the app is installed in the tenant"
        ),
        LarkErrorCode(
            10014, .refused, "the app is unknown, its secret is wrong, or it is disabled",
            remedy: secretHint, traits: .credentials
        ),
        LarkErrorCode(10015, .refused, "the app_secret is wrong", remedy: secretHint, traits: .credentials),
        LarkErrorCode(
            99_991_543, .refused, "the app_id or the app_secret does not exist", remedy: secretHint,
            traits: .credentials),
    ]

    private static let gateway: [LarkErrorCode] = [
        LarkErrorCode(
            99_991_661, .refused, "the platform found no token in the request",
            remedy: Remedy("A proxy may strip the Authorization header", PlatformAction.checkHost)
        ),
        LarkErrorCode(
            99_991_662, .refused, "the app is not enabled",
            remedy: Remedy("", PlatformAction.configureApp("enable it")),
            traits: .wholeTenant
        ),
        LarkErrorCode(
            99_991_663, .tokenRejected, "the platform rejected the tenant_access_token",
            remedy: Remedy("Check that the app is enabled in the tenant", PlatformAction.refreshToken)
        ),
        LarkErrorCode(
            99_991_664, .tokenRejected, "the platform rejected the app_access_token",
            remedy: "Run this again: a new one will be requested"
        ),
        LarkErrorCode(
            99_991_665, .tokenRejected, "the tenant_access_token belongs to no tenant",
            remedy: "Check that the app is installed in the tenant"
        ),
        LarkErrorCode(
            99_991_668, .tokenRejected, "the platform took the token for a user token and rejected it",
            remedy: Remedy("Check the app in the developer console", PlatformAction.refreshToken)
        ),
        LarkErrorCode(
            99_991_671, .tokenRejected, "the platform does not accept the token's format",
            remedy: Remedy("A token of one platform is not valid on the other", PlatformAction.checkHost)
        ),
        LarkErrorCode(
            99_991_672, .refused, "the app lacks a scope that this request needs",
            remedy: Remedy(
                "", PlatformAction.configureApp("grant the scope that the message names, and publish a version"))
        ),
        LarkErrorCode(
            99_991_673, .refused, "the app is not authorized in this tenant",
            remedy: "Ask the tenant's administrator to install or approve the app",
            traits: .wholeTenant
        ),
        LarkErrorCode(
            99_991_676, .refused, "the token lacks permission",
            remedy: Remedy("", PlatformAction.configureApp("check its permissions"))
        ),
        LarkErrorCode(
            99_991_400, .tryLater, "too many requests",
            remedy: Remedy("Run this again after the time named", PlatformAction.lowerConcurrency),
            isRetryable: true,
            traits: .rateLimit
        ),
        LarkErrorCode(
            99_991_401, .refused, "this machine's address is not on the app's allowlist",
            remedy: Remedy("", PlatformAction.configureApp("add the address (Security settings)")),
            traits: .wholeTenant
        ),
        LarkErrorCode(
            99_991_403, .tryLater, "the tenant's monthly quota of API calls is used up",
            remedy: "It is renewed next month; the tenant's administrator can upgrade the plan",
            traits: [.wholeTenant, .monthQuota]
        ),
        LarkErrorCode(
            99_992_402, .refused, "the platform does not accept a field of the request",
            remedy: "Check the key; if it is right, give the log id to the platform's support"
        ),
    ]

    private static let platformTrouble: [LarkErrorCode] = [1500, 1663, 1668, 2200, 10101, 10500]
        .map {
            LarkErrorCode(
                $0, .unavailable, "the platform reports an internal error",
                remedy: "Run this again in a minute; if it persists, give the log id to the platform's support",
                isRetryable: true
            )
        }
}
