import FoundationEssentials
public import LarkAPI
import Logging

/// Returns the tokens of a ``Store``. One process renews a token for all.
///
/// A fresh token costs one read. An expiring one is returned to all callers while one process renews it. An expired one
/// is renewed by one process while all others wait for it. If that takes more than 15 s, one of them at a time renews in
/// its place.
public struct StoredTokenProvider: TenantTokenProvider {
    /// Names a renewal whose result callers in this process share.
    enum Renewal: Hashable {
        /// Of an expiring token; may return the old one.
        case expiring(TokenOwner)
        /// Of a token that is not valid for as long as its caller needs.
        case expired(TokenOwner)
        /// Requested even if the token is fresh.
        case requested(TokenOwner)
    }

    let store: Store
    let clocks: Clocks
    let endpoint: TokenEndpoint
    let renewals = SingleFlight<Renewal, RenewedToken>()
    let ticketTimeout: @Sendable () -> Duration
    private let renewsInBackground: Bool

    /// Creates a provider of a store's tokens.
    ///
    /// - Parameters:
    ///   - store: the apps, secrets and tokens.
    ///   - clocks: the clock that decides how old a token is, and the waits between processes.
    ///   - endpoint: requests tokens from the platform.
    ///   - ticketTimeout: how long to wait until a store app's ticket is pushed. Only the auth service receives one, so
    ///     without a service there is nothing to wait for. Called for each renewal.
    ///   - renewsInBackground: whether callers get an expiring token at once while it is renewed, ten to thirty minutes
    ///     before it expires; for long-running processes, inside of ``withRenewals(_:)``.
    public init(
        store: Store, clocks: Clocks = .system, endpoint: TokenEndpoint,
        ticketTimeout: @escaping @Sendable () -> Duration = { .zero }, renewsInBackground: Bool = false
    ) {
        self.store = store
        self.clocks = clocks
        self.endpoint = endpoint
        self.ticketTimeout = ticketTimeout
        self.renewsInBackground = renewsInBackground
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
        try await token(of: .tenant(tenant), goodFor: minimum)
    }

    /// Returns the token of a tenant that is not in the store, which proves that it installed the app.
    ///
    /// - Throws: as ``token(for:goodFor:)``.
    public func token(of tenantKey: TenantKey, in app: AppName) async throws -> TenantAccessToken {
        try await requestedToken(for: tenantKey, of: store.state(of: .app(app)).app, named: app)
    }

    /// Requests a token even if the one in the store is fresh. While 30 minutes or more of it remain, the platform
    /// returns the same token.
    ///
    /// - Throws: as ``token(for:goodFor:)``.
    public func renewedToken(for tenant: TenantName) async throws -> TenantAccessToken {
        let state = try await store.state(of: .tenant(tenant))
        let renewed = try await renewals.value(for: .requested(.tenant(tenant))) {
            try await self.renewOrWait(state) { _ in false }
        }
        return renewed.token
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    @discardableResult
    public func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws -> RejectionResult {
        try await store.invalidate(token, of: .tenant(tenant))
    }

    /// Runs a body, then cancels the renewals in progress and waits until they have ended.
    ///
    /// A renewal goes on when its caller is cancelled, since other callers may wait for it. It must not outlive the
    /// store and the client of the platform, so a program that can cancel callers uses the provider inside of this.
    ///
    /// - Throws: errors of the body.
    public func withRenewals<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            let result = try await body()
            await renewals.cancelAll()
            return result
        } catch {
            await renewals.cancelAll()
            throw error
        }
    }

    func token(of owner: TokenOwner, goodFor minimum: Duration) async throws -> TenantAccessToken {
        let state = try await store.state(of: owner)
        let clocks = clocks
        let isSufficient: @Sendable (TenantAccessToken) -> Bool = { $0.remaining(at: clocks.now()) >= minimum }
        if let token = state.freshToken(at: clocks.now(), goodFor: minimum) { return token }
        if let (token, _) = state.validToken(at: clocks.now()), isSufficient(token) {
            return try await renewExpiring(token, state)
        }
        let renew: @Sendable () async throws -> RenewedToken = {
            try await self.renewOrWait(state, isSufficient: isSufficient)
        }
        let renewed = try await renewals.value(for: .expired(owner), renew)
        if renewed.isNew || isSufficient(renewed.token) { return renewed.token }
        // The renewal was that of a caller that needs less, and found enough in the store.
        return try await renewals.value(for: .expired(owner), renew).token
    }

    /// Renews an expiring token unless another caller does. The caller gets a valid token in any case.
    private func renewExpiring(_ token: TenantAccessToken, _ state: TokenState) async throws -> TenantAccessToken {
        // The callers of a long-running process do not set the time, or tokens of the same age would be renewed at once.
        if renewsInBackground, clocks.now() < token.renewalTime(of: state.owner.name) { return token }
        if let failure = state.failure, failure.isRunning(at: clocks.now()) { return token }
        let renewal = Renewal.expiring(state.owner)
        guard await !renewals.isInFlight(renewal) else { return token }
        let renew: @Sendable () async throws -> RenewedToken = {
            do {
                return RenewedToken(token: try await self.renewIfUncontended(state) ?? token, isNew: true)
            } catch {
                Logger.current.warning(
                    "the token could not be renewed; the old one is used until it expires",
                    metadata: ["owner": "\(state.owner)", "error": "\(error)"])
                return RenewedToken(token: token, isNew: false)
            }
        }
        guard renewsInBackground else { return try await renewals.value(for: renewal, renew).token }
        await renewals.start(renewal, renew)
        return token
    }
}
