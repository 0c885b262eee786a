import AuthServiceClient
import Hummingbird
import LarkAPI
import TokenStore

/// The state of tenants: their tokens, errors and quotas, but nothing secret.
struct TenantController: Sendable {
    let store: Store
    let quotaStore: StoreQuotaStore

    func addRoutes(to group: RouterGroup<ServiceRequestContext>) {
        group.get("v1/tenants", use: list)
        group.get("v1/tenants/{name}", use: show)
    }

    /// The states of all tenants that a principal may use, by name.
    ///
    /// - Throws: what reading throws.
    func states(for principal: Principal) async throws -> [TenantState] {
        try await store.tenantStates(where: principal.mayUse, quotaStore: quotaStore)
    }

    @Sendable
    private func list(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        try .json(["tenants": try await states(for: context.authenticated())])
    }

    @Sendable
    private func show(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let tenant = try context.authorizedTenant()
        return try await ServiceError.about(tenant) {
            try .json(try await store.tenantState(tenant, quotaStore: quotaStore))
        }
    }
}
