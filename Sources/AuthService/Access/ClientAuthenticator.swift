import FoundationEssentials
import LarkAPI
import Synchronization
import TokenStore

/// Finds out which client sends a request, by the secret that it presents.
///
/// What a secret opens is remembered for a second, so that a revoked one is of no use a second later. An address from
/// which too many wrong secrets came is not listened to for a minute, but for secrets that were good just before.
final class ClientAuthenticator: Sendable {
    private struct Memory {
        let grant: ClientGrant
        let since: Date
    }

    private struct State {
        var memories: [Secret: Memory] = [:]
        /// When wrong secrets came, by address.
        var failures: [String: [Date]] = [:]
    }

    private static let span = 1.0
    private static let patience = 60.0
    private static let failuresAllowed = 10
    /// Of more addresses than this those are forgotten that were quiet for a minute, and if need be all.
    private static let addressLimit = 10_000

    private let store: Store
    private let timing: Clocks
    private let state = Mutex(State())

    init(store: Store, timing: Clocks) {
        self.store = store
        self.timing = timing
    }

    /// The client whose secret stands in `Authorization`.
    ///
    /// - Parameters:
    ///   - authorization: the header's value; nil where there is none.
    ///   - address: where the request came from.
    ///   - takesBasic: whether a browser's name and password will do, the client's name and secret.
    /// - Throws: ``ServiceError`` 401 or 429; what reading the store throws.
    func client(
        _ authorization: String?, from address: String, takesBasic: Bool
    ) async throws -> ClientGrant {
        let refusal = ServiceError.unauthorized(challenge: takesBasic ? "Basic realm=\"larkimg\"" : "Bearer")
        guard let authorization else { throw refusal }
        let (name, secret) = Self.presented(authorization, takesBasic: takesBasic)
        let now = timing.now()
        if let known = secret.flatMap({ known($0, at: now) }), name == nil || name == known.client.text { return known }
        if let wait = lockout(of: address, at: now) { throw ServiceError.tooMany(retryAfter: wait) }
        guard let secret, let grant = try await store.grant(for: secret), name == nil || name == grant.client.text
        else {
            noteFailure(from: address, at: now)
            if let secret { state.withLock { _ = $0.memories.removeValue(forKey: secret) } }
            throw refusal
        }
        state.withLock { $0.memories[secret] = Memory(grant: grant, since: now) }
        return grant
    }

    /// The client whose bearer secret was good within the last second; nil when it has to be looked up.
    func known(_ authorization: String) -> ClientGrant? {
        guard let secret = Self.presented(authorization, takesBasic: false).secret else { return nil }
        return known(secret, at: timing.now())
    }

    private func known(_ secret: Secret, at now: Date) -> ClientGrant? {
        guard let memory = state.withLock({ $0.memories[secret] }),
            (0..<Self.span).contains(now.timeIntervalSince(memory.since))
        else { return nil }
        return memory.grant
    }

    private static func presented(_ authorization: String, takesBasic: Bool) -> (name: String?, secret: Secret?) {
        let parts = authorization.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2, parts[1].utf8.count <= 1024 else { return (nil, nil) }
        switch parts[0].lowercased() {
        case "bearer":
            return (nil, Secret(parts[1]))
        case "basic" where takesBasic:
            guard let data = Data(base64Encoded: parts[1]),
                let text = String(validating: data, as: UTF8.self), let colon = text.firstIndex(of: ":")
            else { return (nil, nil) }
            return (String(text[..<colon]), Secret(String(text[text.index(after: colon)...])))
        default:
            return (nil, nil)
        }
    }

    /// For how many seconds an address is not listened to.
    private func lockout(of address: String, at now: Date) -> Int? {
        let failures = state.withLock { $0.failures[address] } ?? []
        let recent = failures.filter { (0..<Self.patience).contains(now.timeIntervalSince($0)) }
        guard recent.count >= Self.failuresAllowed, let last = recent.last else { return nil }
        return Int((Self.patience - now.timeIntervalSince(last)).rounded(.up))
    }

    private func noteFailure(from address: String, at now: Date) {
        state.withLock { state in
            if state.failures.count >= Self.addressLimit {
                state.failures = state.failures.filter { now.timeIntervalSince($0.value.last ?? now) < Self.patience }
                if state.failures.count >= Self.addressLimit { state.failures = [:] }
            }
            state.failures[address] = ((state.failures[address] ?? []) + [now]).suffix(Self.failuresAllowed)
        }
    }
}
