import LarkAPI

/// Whose token is meant: a tenant's, or a store app's own.
enum TokenOwner: Sendable, Hashable, CustomStringConvertible {
    /// A tenant_access_token.
    case tenant(TenantName)
    /// An app_access_token, which the tokens of all tenants of a store app are had with.
    case app(AppName)

    var description: String {
        switch self {
        case .tenant(let tenant): "tenant \(tenant)"
        case .app(let app): "app \(app)"
        }
    }
}
