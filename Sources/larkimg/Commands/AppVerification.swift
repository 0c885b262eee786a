import LarkAPI
import TokenStore

/// Verifies an app with the platform before it is stored.
enum AppVerification {
    /// A token for the app.
    ///
    /// - Parameters:
    ///   - app: the app to verify.
    ///   - isNew: whether a wrong host is a likely reason for a refusal.
    ///   - network: how to reach the platform.
    /// - Throws: ``LarkError``; a refusal names the other public host as a possible cause.
    static func token(for app: AppCredentials, isNew: Bool, _ network: NetworkOptions) async throws -> TenantAccessToken
    {
        try await explainingRefusal(app, isNew: isNew, what: "tenant") {
            try await CommandContext.withClient(network) { try await $0.issueToken(.customTenant(app)) }
        }
    }

    /// Requests an app_ticket, which verifies a store app as a token would.
    ///
    /// - Throws: as ``token(for:isNew:_:)``.
    static func requestTicket(of app: AppCredentials, isNew: Bool, _ network: NetworkOptions) async throws {
        try await explainingRefusal(app, isNew: isNew, what: "app") {
            try await CommandContext.withClient(network) { try await $0.requestTicket(of: app) }
        }
    }

    private static func explainingRefusal<Result>(
        _ app: AppCredentials, isNew: Bool, what: String, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error as LarkError where error.kind == .refused {
            guard isNew else { throw error }
            let other = app.host.counterpart.map {
                "; if the app was made on \($0), add --host \($0)"
            }
            throw error.withRemedy(
                "Check app_id and app_secret\(other ?? " and --host"). The \(what) was not added")
        }
    }

    /// Runs a closure whose errors concern a tenant and its app.
    ///
    /// - Throws: ``Failure``.
    static func wrappingErrors(
        of tenant: TenantName?, appID: AppID?, asJSON: Bool, _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch {
            throw Failure(error, tenant: tenant, appID: appID, asJSON: asJSON)
        }
    }
}
