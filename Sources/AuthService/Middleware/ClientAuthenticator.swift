import FoundationEssentials
import LarkAPI
import Synchronization
import TokenStore

/// Finds the client whose secret a request presents.
///
/// A grant is cached for a second, so that a revoked secret is of no use a second later. An address that sent too many
/// wrong secrets is locked out for a minute, except with secrets that are cached.
final class ClientAuthenticator: Sendable {
    private struct CachedGrant {
        let grant: ClientGrant
        let cachedAt: Date
    }

    private struct Attempts {
        var grants: [Secret: CachedGrant] = [:]
        /// When wrong secrets came, by address.
        var failures: [String: [Date]] = [:]
    }

    /// Seconds for which a grant is cached.
    private static let timeToLive = 1.0
    /// Seconds for which an address is locked out.
    private static let lockoutPeriod = 60.0
    private static let allowedFailures = 10
    /// With more addresses than this, those without a recent failure are dropped, and if need be all.
    private static let addressLimit = 10_000

    private let store: Store
    private let timing: Clocks
    private let attempts = Mutex(Attempts())

    init(store: Store, timing: Clocks) {
        self.store = store
        self.timing = timing
    }

    /// The client whose secret stands in `Authorization`.
    ///
    /// - Parameters:
    ///   - authorization: the header's value; nil where there is none.
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
        if let grant = secret.flatMap({ cachedGrant($0, at: now) }), name == nil || name == grant.client.text {
            return grant
        }
        if let wait = lockout(of: address, at: now) { throw ServiceError.tooMany(retryAfter: wait) }
        guard let secret, let grant = try await store.grant(for: secret), name == nil || name == grant.client.text
        else {
            recordFailure(from: address, at: now)
            if let secret { attempts.withLock { _ = $0.grants.removeValue(forKey: secret) } }
            throw refusal
        }
        attempts.withLock { $0.grants[secret] = CachedGrant(grant: grant, cachedAt: now) }
        return grant
    }

    private func cachedGrant(_ secret: Secret, at now: Date) -> ClientGrant? {
        guard let cached = attempts.withLock({ $0.grants[secret] }),
            (0..<Self.timeToLive).contains(now.timeIntervalSince(cached.cachedAt))
        else { return nil }
        return cached.grant
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

    /// Seconds until an address may try again; nil when it is not locked out.
    private func lockout(of address: String, at now: Date) -> Int? {
        let failures = attempts.withLock { $0.failures[address] } ?? []
        let recent = failures.filter { (0..<Self.lockoutPeriod).contains(now.timeIntervalSince($0)) }
        guard recent.count >= Self.allowedFailures, let last = recent.last else { return nil }
        return Int((Self.lockoutPeriod - now.timeIntervalSince(last)).rounded(.up))
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
