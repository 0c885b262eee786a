public import LarkAPI

/// What an operator registers of an app: its app_id and app_secret, and the platform it belongs to.
public struct AppCredentials: Sendable {
    /// The app_id.
    public var appID: AppID
    /// The app_secret.
    public var appSecret: Secret
    /// The platform's address.
    public var host: LarkHost
    /// Where the app_secret was read. A store keeps this in its place, and not the app_secret.
    public var secretReference: SecretReference?

    /// Creates credentials.
    public init(appID: AppID, appSecret: Secret, host: LarkHost, secretReference: SecretReference? = nil) {
        self.appID = appID
        self.appSecret = appSecret
        self.host = host
        self.secretReference = secretReference
    }

    /// Creates credentials to be stored, whose app_secret is not read now.
    public init(appID: AppID, secretReference: SecretReference, host: LarkHost) {
        self.init(appID: appID, appSecret: Secret(""), host: host, secretReference: secretReference)
    }
}

/// What a row of `app` holds as its secret.
enum StoredSecret: Sendable, Hashable {
    case value(Secret)
    case reference(SecretReference)

    init(_ app: AppCredentials) {
        self = app.secretReference.map { .reference($0) } ?? .value(app.appSecret)
    }

    var isReference: Bool { if case .reference = self { true } else { false } }

    /// The text to be sealed.
    var text: Secret {
        switch self {
        case .value(let secret): secret
        case .reference(let reference): Secret(reference.text)
        }
    }
}

/// The secrets that authenticate and decrypt a store app's events, as the developer console shows them.
public struct EventSettings: Sendable {
    /// The Verification Token, which every event contains.
    public var verificationToken: Secret?
    /// The Encrypt Key, which encrypts and signs events.
    public var encryptKey: Secret?

    /// Creates settings; nil for a secret that is not set.
    public init(verificationToken: Secret? = nil, encryptKey: Secret? = nil) {
        self.verificationToken = verificationToken
        self.encryptKey = encryptKey
    }
}

/// One secret of ``EventSettings``, named by its column.
enum EventSetting: String {
    case verificationToken = "sealed_verification_token"
    case encryptKey = "sealed_encrypt_key"

    var column: String { rawValue }
}

/// A row of `app`, without its secrets.
struct AppRecord: Sendable, Hashable {
    let id: Int64
    /// The name of a store app; nil for a custom app, which is known by its tenant's name.
    let name: AppName?
    let host: LarkHost
    let appID: AppID
    let generation: Int64
    /// How many calls it may make in a month; nil if that is not known.
    var monthQuota: Int?
    /// Whether the row holds a reference to the app_secret in its place.
    var hasSecretReference = false
}
