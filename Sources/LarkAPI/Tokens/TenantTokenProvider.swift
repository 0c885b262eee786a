/// A source of tenant_access_tokens: a store, a service, a fixed token.
///
/// An implementation must keep three promises. Any number of tasks may call it, and one request serves all that wait;
/// frequent calls must be cheap, or ``CachingTokenProvider`` has to make them so. A token is valid for at least the
/// minimum, unless the platform has just issued one with less. A rejected token is not returned again while a newer
/// one is available.
public protocol TenantTokenProvider: Sendable {
    /// Returns a token of a tenant.
    ///
    /// - Parameters:
    ///   - tenant: the tenant.
    ///   - minimum: how long the caller needs it.
    /// - Throws: ``LarkError`` if the platform refuses or cannot be reached; errors of the storage.
    func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken

    /// Reports that the platform rejected a token. A newer one in its place is kept.
    ///
    /// - Parameters:
    ///   - token: the rejected token; an unknown one is not an error.
    ///   - tenant: its tenant.
    /// - Throws: errors of the storage.
    @discardableResult
    func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws -> RejectionResult
}

/// The result of a report that the platform rejected a token.
public enum RejectionResult: Sendable, Hashable {
    /// The report was accepted. The token is not returned again unless the platform issues it again.
    case accepted
    /// The platform has issued this very token again after an earlier report, so it is valid: the API that rejects it
    /// may not accept a tenant_access_token, or the app is not enabled in the tenant.
    case confirmed
}

/// A fixed token, for programs that get theirs elsewhere.
public struct StaticTokenProvider: TenantTokenProvider {
    private let token: TenantAccessToken

    /// Returns this token for every tenant.
    public init(_ token: TenantAccessToken) {
        self.token = token
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken { token }

    /// Does nothing, since there is no other token.
    @discardableResult
    public func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws -> RejectionResult { .accepted }
}
