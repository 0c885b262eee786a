public import LarkAPI

/// What can be done about an error of the store.
@nonexhaustive
public enum StoreAction: RemedyAction, Hashable {
    /// Use another file as the store.
    case chooseStore
    /// Use another key file.
    case chooseKeyFile
    /// Register a tenant.
    case registerTenant(TenantName?)
    /// Register a store app.
    case registerApp(AppName)
    /// Register a client of the auth service.
    case registerClient(ClientName)
    /// Change a tenant.
    case updateTenant(TenantName)
    /// Change a store app.
    case updateApp(AppName)
    /// Change a client of the auth service.
    case updateClient(ClientName)
    /// Remove a tenant.
    case removeTenant(TenantName)
    /// Remove a client of the auth service.
    case removeClient(ClientName)
    /// Set the app_secret of a tenant's custom app again.
    case replaceTenantSecret(TenantName)
    /// Set the app_secret of a store app again.
    case replaceAppSecret(AppName)
    /// Set the Verification Token and the Encrypt Key of a store app again.
    case replaceEventKeys(AppName)
    /// Pass on an app_ticket that was received elsewhere.
    case setTicket(AppName)
    /// Check the contents of the store.
    case checkStore
    /// Back up the store.
    case backUpStore
    /// Copy the store again, to the same place.
    case copyStore
    /// Build the program with support for PostgreSQL.
    case buildWithPostgreSQL

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String {
        switch self {
        case .chooseStore: "Use another file as the store"
        case .chooseKeyFile: "Use another key file"
        case .registerTenant(let name): "Register \(name.map { "the tenant \($0)" } ?? "a tenant")"
        case .registerApp(let name): "Register the app \(name)"
        case .registerClient(let name): "Register the client \(name)"
        case .updateTenant(let name): "Change the tenant \(name)"
        case .updateApp(let name): "Change the app \(name)"
        case .updateClient(let name): "Change the client \(name)"
        case .removeTenant(let name): "Remove the tenant \(name)"
        case .removeClient(let name): "Remove the client \(name)"
        case .replaceTenantSecret(let name): "Set the app_secret of the tenant \(name) again"
        case .replaceAppSecret(let name): "Set the app_secret of the app \(name) again"
        case .replaceEventKeys(let name): "Set the Verification Token and the Encrypt Key of the app \(name) again"
        case .setTicket(let name): "Set the app_ticket of \(name)"
        case .checkStore: "Check the store"
        case .backUpStore: "Back up the store"
        case .copyStore: "Copy the store to it again, which continues the copy"
        case .buildWithPostgreSQL: "Build it with the package trait PostgreSQL, which needs libpq (Debian: libpq-dev)"
        }
    }
}
