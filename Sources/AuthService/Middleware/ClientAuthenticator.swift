import FoundationEssentials
import HTTPTypes
import Hummingbird
import LarkAPI
import Logging
import Synchronization
import TokenStore

/// Finds the client whose secret a request presents.
///
/// A valid secret is always accepted, whatever other clients with the same address do. An address that sends too many
/// wrong secrets is locked out for a minute: further wrong ones get 429, and cost the store one read a second at most.
/// A grant is cached for a second, so a revoked secret stops working within a second. While the store's server is away,
/// the last grants hold until their secrets expire.
final class ClientAuthenticator: Sendable {
    private struct Attempts {
        var grants = ExpiringCache<Secret, ClientGrant>()
        /// When wrong secrets came, by address.
        var failures: [String: [Date]] = [:]
    }

    private static let timeToLive = Duration.seconds(1)
    /// How long a client whose last grant is known waits for a store on a server, and how long a server that is away is
    /// left alone.
    private static let (timeout, cooldown) = (Duration.seconds(1), Duration.seconds(5))
    /// Seconds for which an address is locked out, counted from the oldest of its failures.
    private static let lockoutPeriod = 60.0
    private static let allowedFailures = 10
    /// With more addresses than this, those without a recent failure are dropped, and if need be all.
    private static let addressLimit = 10_000

    private let store: Store
    private let timing: Clocks
    private let attempts = Mutex(Attempts())
    private let knownSecrets: ReadThroughCache<Bool, Set<String>>

    init(store: Store, timing: Clocks) {
        self.store = store
        self.timing = timing
        knownSecrets = ReadThroughCache(timing: timing)
    }

    /// The client whose secret is in `Authorization`.
    ///
    /// - Parameters:
    ///   - authorization: the header's value; nil if there is none.
    ///   - address: where the request came from.
    ///   - acceptsBasic: whether the client's name and secret are accepted as a browser's name and password.
    /// - Throws: ``ServiceError`` 401 or 429; what reading the store throws.
    func client(
        _ authorization: String?, from address: String, acceptsBasic: Bool
    ) async throws -> ClientGrant {
        let refusal = ServiceError.unauthorized(challenge: acceptsBasic ? "Basic realm=\"larkimg\"" : "Bearer")
        guard let authorization else { throw refusal }
        let (name, secret) = Self.presented(authorization, acceptsBasic: acceptsBasic)
        let now = timing.now()
        if let secret, let grant = try await grant(for: secret, from: address, at: now),
            name == nil || name == grant.client.text
        {
            return grant
        }
        if let wait = lockout(of: address, at: now) { throw ServiceError.lockedOut(retryAfter: wait) }
        recordFailure(from: address, at: now)
        throw refusal
    }

    private func grant(for secret: Secret, from address: String, at now: Date) async throws -> ClientGrant? {
        guard let presented = ClientSecret(secret) else { return nil }
        if let grant = attempts.withLock({ $0.grants.value(for: secret, at: now) }) { return grant }
        let last = store.location.server == nil ? nil : attempts.withLock { $0.grants.lastValue(for: secret) }
        guard let last else { return try await freshGrant(for: secret, id: presented.id, from: address, at: now) }
        do {
            return try await withWaitLimit(Self.timeout, clocks: timing) {
                try await self.freshGrant(for: secret, id: presented.id, from: address, at: now)
            }
        } catch let error where (error as? StoreError)?.isRetryable ?? (error is WaitLimitExceeded) {
            let now = timing.now()
            if let end = last.expiresAt, end <= now { return nil }
            attempts.withLock { $0.grants.insert(last, for: secret, at: now, timeToLive: Self.cooldown) }
            return last
        }
    }

    private func freshGrant(
        for secret: Secret, id: String, from address: String, at now: Date
    ) async throws -> ClientGrant? {
        let grant = try await storedGrant(for: secret, id: id, from: address, at: now)
        attempts.withLock { attempts in
            if let grant {
                attempts.grants.insert(grant, for: secret, at: now, timeToLive: Self.timeToLive)
            } else {
                attempts.grants.removeValue(for: secret)
            }
        }
        return grant
    }

    private func storedGrant(
        for secret: Secret, id: String, from address: String, at now: Date
    ) async throws -> ClientGrant? {
        do {
            // Ids that no client has are told apart in memory, once an address guesses.
            if lockout(of: address, at: now) != nil {
                let known = try await knownSecrets.value(for: true) { [store] in try await store.clientSecretIDs() }
                guard known.contains(id) else { return nil }
            }
            return try await store.grant(for: secret)
        } catch let error as StoreError where error.code == .sealBroken {
            // A client that was changed outside larkimg is as good as none; what to do about it is in the error.
            Logger.current.error("a client is refused", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private static func presented(_ authorization: String, acceptsBasic: Bool) -> (name: String?, secret: Secret?) {
        let parts = authorization.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2, parts[1].utf8.count <= 1024 else { return (nil, nil) }
        switch parts[0].lowercased() {
        case "bearer":
            return (nil, Secret(parts[1]))
        case "basic" where acceptsBasic:
            guard let data = Data(base64Encoded: parts[1]),
                let text = String(validating: data, as: UTF8.self), let colon = text.firstIndex(of: ":")
            else { return (nil, nil) }
            return (String(text[..<colon]), Secret(String(text[text.index(after: colon)...])))
        default:
            return (nil, nil)
        }
    }

    /// Seconds until an address may try again; nil if it is not locked out.
    private func lockout(of address: String, at now: Date) -> Int? {
        let failures = attempts.withLock { $0.failures[address] } ?? []
        let recent = failures.filter { (0..<Self.lockoutPeriod).contains(now.timeIntervalSince($0)) }
        guard recent.count >= Self.allowedFailures, let oldest = recent.first else { return nil }
        return Int((Self.lockoutPeriod - now.timeIntervalSince(oldest)).rounded(.up))
    }

    private func recordFailure(from address: String, at now: Date) {
        attempts.withLock { attempts in
            if attempts.failures.count >= Self.addressLimit {
                attempts.failures = attempts.failures.filter {
                    now.timeIntervalSince($0.value.last ?? now) < Self.lockoutPeriod
                }
                if attempts.failures.count >= Self.addressLimit { attempts.failures = [:] }
            }
            attempts.failures[address] = ((attempts.failures[address] ?? []) + [now]).suffix(Self.allowedFailures)
        }
    }
}

/// Finds out who sends a request: the peer of a Unix socket, or the client whose secret it presents.
struct AuthenticationMiddleware: RouterMiddleware {
    let authenticator: ClientAuthenticator
    let connections: ConnectionRegistry
    /// Whether a browser's name and password are accepted as well as a bearer secret.
    var acceptsBasic = false

    func handle(
        _ request: Request, context: ServiceRequestContext,
        next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let peer = connections.peer(of: context.channel) {
            context.principal = .peer(peer)
        } else {
            context.principal = .client(
                try await authenticator.client(
                    request.headers[.authorization], from: context.remoteAddress ?? "", acceptsBasic: acceptsBasic))
        }
        return try await next(request, context)
    }
}
