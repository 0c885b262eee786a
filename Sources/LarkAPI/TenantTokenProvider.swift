/// Whoever can hand out tenant_access_tokens: a store, a service, a fixed token.
///
/// An implementer owes three things. Calls may come in any number at once, and asking often must be cheap: an
/// implementer caches, and renews once for all who wait. A token is good for at least the minimum, unless the one
/// just issued by the platform lives shorter: then that one is returned, since there is no better. And a token that
/// was rejected is not handed out again while a newer one can be had.
public protocol TenantTokenProvider: Sendable {
    /// A token for a tenant.
    ///
    /// - Parameters:
    ///   - tenant: whose token.
    ///   - minimum: how long the caller will use it.
    /// - Throws: ``LarkError`` when the platform refuses or cannot be reached; what else its storage throws.
    func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken

    /// Tells that the platform refused exactly this token. A newer one in its place is left alone.
    ///
    /// - Parameters:
    ///   - token: the token that was refused.
    ///   - tenant: whose token it was.
    /// - Throws: what its storage throws; a token it does not know is no error.
    func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws
}

/// A token that the caller already has, for programs that get theirs elsewhere.
public struct StaticTokenProvider: TenantTokenProvider {
    private let token: TenantAccessToken

    /// Hands out this token to whoever asks, whatever the tenant.
    public init(_ token: TenantAccessToken) {
        self.token = token
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken { token }

    /// Does nothing: there is no other token to hand out, and the one who uses it will say so.
    public func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws {}
}
