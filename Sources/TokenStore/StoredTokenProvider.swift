import Crypto
import FoundationEssentials
public import LarkAPI
import Logging

/// Hands out the tokens of a ``Store``, and has them renewed by one process for all.
///
/// A fresh token costs one read. An expiring one is returned to everyone while one process renews it. A expired one is
/// renewed by one process while all others wait for it; a wait ends after 15 s, and then the one who waited asks for
/// itself, since a second request does no harm.
public struct StoredTokenProvider: TenantTokenProvider {
    /// How long one process waits for another's renewal.
    static let patience = Duration.seconds(15)

    let store: Store
    let timing: Clocks
    let flights = SingleFlight<Renewal, TenantAccessToken>()
    let issuer: TokenEndpoint
    private let ticketPatience: @Sendable () -> Duration
    private let renewsInBackground: Bool

    /// A renewal that those share who ask for the same; the lock file keeps different ones from meeting.
    enum Renewal: Hashable {
        /// Of an expiring token: may end with the old one.
        case early(TokenOwner)
        /// Of a token that does not last so long.
        case needed(TokenOwner, Duration)
        /// Asked for by name.
        case forced(TokenOwner)
    }

    /// Serves a store's tenants.
    ///
    /// - Parameters:
    ///   - store: where apps, secrets and tokens are.
    ///   - timing: the clock that says how old a token is, and the waits between processes.
    ///   - issuer: asks the platform.
    ///   - ticketPatience: how long to wait for a store app's ticket to be pushed, asked anew each time. Nobody but a
    ///     service receives one, so without a service there is nothing to wait for.
    ///   - renewsInBackground: whether an expiring token is renewed behind the back of the one who asks for it, for a
    ///     process that lives on.
    public init(
        store: Store, timing: Clocks = .system, issuer: TokenEndpoint,
        ticketPatience: @escaping @Sendable () -> Duration = { .zero }, renewsInBackground: Bool = false
    ) {
        self.store = store
        self.timing = timing
        self.issuer = issuer
        self.ticketPatience = ticketPatience
        self.renewsInBackground = renewsInBackground
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func token(for tenant: TenantName, goodFor minimum: Duration) async throws -> TenantAccessToken {
        try await token(of: .tenant(tenant), goodFor: minimum)
    }

    /// The token of a tenant, or of a store app itself.
    func token(of owner: TokenOwner, goodFor minimum: Duration) async throws -> TenantAccessToken {
        let state = try await store.state(of: owner)
        switch state.age(at: timing.now(), goodFor: minimum) {
        case .fresh(let token):
            return token
        case .expiring(let token):
            return try await renewExpiring(token, state)
        case .expired:
            return try await flights.value(for: .needed(owner, minimum)) {
                try await self.renewOrWait(state) { current in
                    switch current.age(at: self.timing.now(), goodFor: minimum) {
                    case .fresh(let token), .expiring(let token): token
                    // The platform gave it just now: there is no longer one to be had.
                    case .expired: current.renewal > state.renewal ? current.livingToken(at: self.timing.now()) : nil
                    }
                }
            }
        }
    }

    /// Asks the platform, whatever is in the store. While half an hour or more remains, it names the same token.
    ///
    /// - Throws: as ``token(for:goodFor:)``.
    public func renewedToken(for tenant: TenantName) async throws -> TenantAccessToken {
        let state = try await store.state(of: .tenant(tenant))
        return try await flights.value(for: .forced(.tenant(tenant))) {
            try await self.renewOrWait(state) { current in
                current.renewal > state.renewal ? current.livingToken(at: self.timing.now()) : nil
            }
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func reject(_ token: TenantAccessToken, for tenant: TenantName) async throws {
        try await store.invalidate(token, of: .tenant(tenant))
    }

    /// Renews an expiring token unless another caller does. The caller gets a valid token in any case.
    private func renewExpiring(_ token: TenantAccessToken, _ state: TokenState) async throws -> TenantAccessToken {
        if let failure = state.failure, failure.isRunning(at: timing.now()) { return token }
        let flight = Renewal.early(state.owner)
        guard await !flights.isUnderWay(flight) else { return token }
        let renew: @Sendable () async throws -> TenantAccessToken = {
            do {
                return try await self.renewIfUncontended(state) ?? token
            } catch {
                Logger.current.warning(
                    "the token could not be renewed; the old one serves until it ends",
                    metadata: ["owner": "\(state.owner)", "error": "\(error)"])
                return token
            }
        }
        guard renewsInBackground else { return try await flights.value(for: flight, renew) }
        await flights.start(flight, renew)
        return token
    }

    /// Renews a token unless another process is about to, or just did.
    ///
    /// - Returns: nil when another process has the lock.
    func renewIfUncontended(_ state: TokenState) async throws -> TenantAccessToken? {
        let lock = try ProcessLock(state.lockName, in: store.location.locks)
        defer { lock.close() }
        guard lock.tryExclusive() else { return nil }
        let current = try await store.state(of: state.owner)
        if current.renewal > state.renewal, let newer = current.livingToken(at: timing.now()) { return newer }
        return try await renew(current, isEarly: true)
    }

    /// Renews an expired token, or waits for the process that does.
    private func renewOrWait(
        _ state: TokenState,
        accept: @escaping @Sendable (TokenState) -> TenantAccessToken?
    ) async throws -> TenantAccessToken {
        let lock = try ProcessLock(state.lockName, in: store.location.locks)
        defer { lock.close() }
        /// What another process brought about since: a token, or the failure that we would run into as well.
        @Sendable func found(_ current: TokenState) throws -> TenantAccessToken? {
            if let token = accept(current) { return token }
            if let failure = current.failure {
                let isNew = failure.count != state.failure?.count ?? 0 || failure.at != state.failure?.at
                if isNew { throw failure.error }
                if failure.blocksEveryone, failure.isRunning(at: timing.now()) {
                    throw failure.remembered(at: timing.now())
                }
            }
            return nil
        }
        if let token = try found(state) { return token }
        if !lock.tryExclusive() {
            let token = try await lock.wait(limit: Self.patience, timing: timing) {
                try found(try await store.state(of: state.owner))
            }
            if let token { return token }
        }
        // With the lock in hand, or after a wait too long: one more look, for what happened in between.
        let current = try await store.state(of: state.owner)
        if let token = try found(current) { return token }
        return try await renew(current, isEarly: false)
    }

    /// Asks the platform and keeps what it says, a failure too.
    ///
    /// - Parameter isEarly: whether the old token still serves, so that nothing is to be waited for.
    private func renew(_ state: TokenState, isEarly: Bool) async throws -> TenantAccessToken {
        do {
            let token = try await issuedToken(
                for: state, isEarly: isEarly, ticketPatience: isEarly ? .zero : ticketPatience())
            return try await store.keep(token, for: state)
        } catch let error as LarkError {
            // That there was no ticket when nobody needed one is no reason for who needs one not to wait for it.
            if isEarly, state.app.name != nil, error.kind == .tryLater, !error.isThrottling { throw error }
            do {
                try await store.remember(error, for: state)
            } catch {
                // What the platform said matters more than that it could not be written down.
                Logger.current.warning("the failure cannot be remembered", metadata: ["error": "\(error)"])
            }
            throw error
        }
    }
}

extension TokenState {
    /// The name of the token's lock file: of the row, so that a tenant that was registered again has another one. A
    /// tenant_key can be longer than a file name, so its digest stands for it.
    var lockName: String {
        let digest = tenantKey.isEmpty ? [] : Array(SHA256.hash(data: Array(tenantKey.utf8)).prefix(16))
        return "\(app.id)-\(Hexadecimal.text(digest)).lock"
    }

    fileprivate func livingToken(at now: Date) -> TenantAccessToken? {
        token.flatMap { $0.remaining(at: now) > .zero ? $0 : nil }
    }
}
