import AuthService
import ImageFetch
import LarkAPI
import Messages
import TokenStore

/// The apps and tenants of a store, by which the platform's events name them.
struct KnownApps: Sendable {
    private struct Owner: Hashable {
        let app: AppID
        /// nil for a custom app, which has one tenant.
        let tenantKey: TenantKey?
    }

    private let tenants: [Owner: TenantName]
    private let encryptKeys: [Secret]

    /// - Parameter store: nil if there is none; then no app is known.
    init(_ store: Store?) async throws {
        guard let store else {
            tenants = [:]
            encryptKeys = []
            return
        }
        tenants = Dictionary(
            try await store.tenants().map { (Owner(app: $0.appID, tenantKey: $0.tenantKey), $0.name) }
        ) { first, _ in first }
        encryptKeys = try await store.eventSettings().values.compactMap(\.settings.encryptKey)
    }

    /// A format that reads messages of these apps.
    ///
    /// - Parameter tenant: of messages and lines that do not tell theirs.
    func format(tenant: TenantName?) -> FetchListFormat {
        var format = FetchListFormat(tenant: tenant)
        format.messages = MessageReader(decrypt: decrypted)
        format.tenantOfMessage = self.tenant
        return format
    }

    @Sendable
    func tenant(of message: MessageFacts) -> TenantName? {
        guard let app = message.appID else { return nil }
        return tenants[Owner(app: app, tenantKey: message.tenantKey)] ?? tenants[Owner(app: app, tenantKey: nil)]
    }

    @Sendable
    func decrypted(_ text: String) -> [UInt8]? {
        encryptKeys.lazy.compactMap { EventCipher.text(of: text, encryptKey: $0) }
            .first { (try? JSONDocument($0)) != nil }
    }
}
