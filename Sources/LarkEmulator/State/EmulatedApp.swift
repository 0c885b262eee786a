/// An app of the developer console.
public struct EmulatedApp: Sendable, Hashable {
    /// The kind of app.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// A custom app, of one tenant.
        case custom
        /// A store app, installed by many tenants.
        case store
    }

    /// The app's `app_id`.
    public var appID: String
    /// The app's `app_secret`.
    public var appSecret: String
    /// Custom or store.
    public var kind: Kind
    /// Whether the app is enabled; false disables it in every tenant.
    public var isEnabled = true
    /// Whether the bot feature is on.
    public var hasBot = true
    /// The scopes granted. The default is enough for everything.
    public var scopes: Set<String> = ["im:resource", "im:message", "im:message.group_msg"]
    /// The tenants that installed the app. A custom app has exactly its own.
    public var tenantKeys: [String]
    /// Tenants in which the app is installed but disabled.
    public var stoppedTenantKeys: Set<String> = []
    /// The Verification Token, sent as `token` in each event.
    public var verificationToken: String
    /// The Encrypt Key, which encrypts and signs events; empty for none.
    public var encryptKey = ""
    /// The addresses that may call; empty allows all.
    public var allowedIPs: Set<String> = []

    /// A custom app with a tenant of its own.
    public static func custom(_ appID: String, secret: String, tenantKey: String? = nil) -> EmulatedApp {
        EmulatedApp(appID: appID, secret: secret, kind: .custom, tenantKeys: [tenantKey ?? ownTenantKey(of: appID)])
    }

    /// A store app, installed in the tenants given.
    public static func store(_ appID: String, secret: String, installed tenantKeys: [String] = []) -> EmulatedApp {
        EmulatedApp(appID: appID, secret: secret, kind: .store, tenantKeys: tenantKeys)
    }

    private init(appID: String, secret: String, kind: Kind, tenantKeys: [String]) {
        self.appID = appID
        appSecret = secret
        self.kind = kind
        self.tenantKeys = tenantKeys
        verificationToken = "verify-\(appID)"
    }

    /// Sixteen hexadecimal digits that follow from the app_id (FNV-1a), so that each custom app has its own tenant
    /// and the same one on every run.
    private static func ownTenantKey(of appID: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in appID.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "7", count: 16 - digits.count) + digits
    }
}
