import FoundationEssentials
import LarkAPI
import Logging

/// A token that a renewal returned.
struct RenewedToken: Sendable {
    let token: TenantAccessToken
    /// Whether it was issued after its caller found the token in the store too old. Then there is none that is valid
    /// for longer.
    let isNew: Bool
}

/// The renewal of a token by one process of many.
extension StoredTokenProvider {
    /// How long a process waits for another's renewal, and then for one that does not wait for the first.
    private static let timeout = Duration.seconds(15)

    /// Renews a token unless another process is renewing it or has just done so.
    ///
    /// - Returns: nil if another process has the lock.
    func renewIfUncontended(_ state: TokenState) async throws -> TenantAccessToken? {
        try await store.withLock(state.lockName) { lock in
            guard try await lock.tryAcquire() else { return nil }
            let current = try await store.state(of: state.owner)
            if current.renewal > state.renewal, let newer = current.validToken(at: clocks.now())?.token { return newer }
            return try await renew(current, isEarly: true)
        }
    }

    /// Renews an expired token, or waits for the process that does.
    ///
    /// - Parameters:
    ///   - state: as the caller found it.
    ///   - isSufficient: whether a valid token in the store ends the wait although it is not new.
    func renewOrWait(
        _ state: TokenState, isSufficient: @escaping @Sendable (TenantAccessToken) -> Bool
    ) async throws -> RenewedToken {
        let wait = RenewalWait(known: state, clocks: clocks, isSufficient: isSufficient)
        if let result = try await afterRejections(state, wait) { return result }
        return try await store.withLock(state.lockName) { lock in
            if try await lock.tryAcquire() { return try await renewUnlessDone(wait) }
            switch try await waitForRenewal(wait, locks: [lock]) {
            case .result(let result): return result
            case .locked: return try await renewUnlessDone(wait)
            case .timedOut: return try await renewInPlaceOfHolder(wait, of: lock)
            }
        }
    }

    /// Renews although another process has the lock, which may be stopped. One waiter at a time does this; the
    /// generation number of the token keeps a late result of the holder from replacing a newer one.
    private func renewInPlaceOfHolder(_ wait: RenewalWait, of lock: any StoreLock) async throws -> RenewedToken {
        try await store.withLock(wait.known.bypassLockName) { bypass in
            if try await bypass.tryAcquire() { return try await renewUnlessDone(wait) }
            return try await waitForBypass(wait, locks: [lock, bypass])
        }
    }

    private func waitForBypass(_ wait: RenewalWait, locks: [any StoreLock]) async throws -> RenewedToken {
        switch try await waitForRenewal(wait, locks: locks) {
        case .result(let result): return result
        case .locked: return try await renewUnlessDone(wait)
        case .timedOut:
            throw LarkError(
                .tryLater, "other processes have been renewing the token for too long without a result",
                remedy: "Look for stopped processes that use the store, then run this again", isRetryable: true,
                underlying: NoRequestSent(original: nil))
        }
    }

    private func waitForRenewal(
        _ wait: RenewalWait, locks: [any StoreLock]
    ) async throws -> LockWait<RenewedToken> {
        let state = wait.known
        var timeout = Self.timeout
        // The holder waits for a ticket: sending another request would not help.
        if state.app.name != nil, try await store.ticket(of: state.app) == nil { timeout += ticketTimeout() }
        return try await LockWait.wait(for: locks, timeout: timeout, clocks: clocks) {
            try wait.result(in: try await store.state(of: state.owner))
        }
    }

    /// Checks what happened before this process got the lock, then renews.
    private func renewUnlessDone(_ wait: RenewalWait) async throws -> RenewedToken {
        let current = try await store.state(of: wait.known.owner)
        if let result = try wait.result(in: current) { return result }
        return RenewedToken(token: try await renew(current, isEarly: false), isNew: true)
    }

    /// Waits until a request is allowed again after two tokens in a row were rejected, if that is soon.
    private func afterRejections(_ state: TokenState, _ wait: RenewalWait) async throws -> RenewedToken? {
        var state = state
        while let failure = state.failure, failure.isRejectionPause, failure.isRunning(at: clocks.now()) {
            let left = Duration.seconds(failure.retryAt.timeIntervalSince(clocks.now()))
            guard left <= Self.timeout else { break }
            try await clocks.sleep(min(left, .seconds(1)))
            state = try await store.state(of: state.owner)
            if let token = wait.token(in: state) { return token }
        }
        return try wait.result(in: state)
    }

    /// Requests a token and stores the result, a failure too.
    ///
    /// - Parameter isEarly: whether the old token is still valid, so that there is no need to wait for a ticket.
    private func renew(_ state: TokenState, isEarly: Bool) async throws -> TenantAccessToken {
        do {
            let token = try await requestedToken(
                for: state, isEarly: isEarly, ticketTimeout: isEarly ? .zero : ticketTimeout())
            return try await keep(token, for: state)
        } catch let error as LarkError {
            // A caller that can wait for a ticket must not be stopped because one that could not found none.
            if isEarly, state.app.name != nil, error.kind == .tryLater, !error.isThrottling { throw error }
            await remember(error, for: state, isEarly: isEarly)
            throw error
        }
    }

    private func keep(_ token: TenantAccessToken, for state: TokenState) async throws -> TenantAccessToken {
        do {
            return try await store.keep(token, for: state)
        } catch let error as StoreError where error.code == .inputOutput || error.code == .busy {
            // The token is good whether or not the disk is full.
            Logger.current.warning(
                "a new token cannot be stored, so that every caller has to request one",
                metadata: ["owner": "\(state.owner)", "error": "\(error)"])
            return token
        }
    }

    private func remember(_ error: LarkError, for state: TokenState, isEarly: Bool) async {
        var error = error
        if let cause = error.underlying as? NoRequestSent {
            // The process that sent the request remembers its failure. A token that is still valid is not tried again soon.
            guard isEarly, let original = cause.original else { return }
            error = original
        }
        do {
            try await store.remember(error, for: state)
        } catch {
            // What the platform said matters more than that it could not be stored.
            Logger.current.warning("the failure cannot be remembered", metadata: ["error": "\(error)"])
        }
    }
}

/// What ends the wait for a renewal: a token, or a failure that the waiting process would meet too.
private struct RenewalWait: Sendable {
    /// The state as the waiting caller found it.
    let known: TokenState
    let clocks: Clocks
    let isSufficient: @Sendable (TenantAccessToken) -> Bool

    func token(in current: TokenState) -> RenewedToken? {
        guard let token = current.validToken(at: clocks.now())?.token else { return nil }
        let isNew = current.renewal > known.renewal
        return isNew || isSufficient(token) ? RenewedToken(token: token, isNew: isNew) : nil
    }

    /// - Throws: ``LarkError``: the failure of a request that was sent since, or that was remembered before.
    func result(in current: TokenState) throws -> RenewedToken? {
        if let token = token(in: current) { return token }
        guard let failure = current.failure else { return nil }
        let now = clocks.now()
        if failure.isNewer(than: known.failure), !failure.isRejectionPause { throw failure.shared(at: now) }
        if failure.blocksRequests, failure.isRunning(at: now) { throw failure.remembered(at: now) }
        return nil
    }
}

extension TokenState {
    /// The name of the token's lock file. It names the row: a tenant that is removed and added again has another lock.
    var lockName: String { "\(lockStem).lock" }

    /// The name of the lock file for the process that renews in place of a stopped one.
    var bypassLockName: String { "\(lockStem).bypass.lock" }

    private var lockStem: String { "\(app.id)-\(tenantKey.isEmpty ? "" : ProcessLock.digest(of: tenantKey))" }
}
