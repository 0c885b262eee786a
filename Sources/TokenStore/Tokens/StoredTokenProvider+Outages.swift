import LarkAPI
import Logging

/// A circuit breaker for each host of the platform, shared by all processes that use the store.
///
/// A failure of the host opens it for 1 s, then for 2, 4 … 30 s. Callers get the remembered error meanwhile. After that,
/// one request at a time probes the host. A response, a refusal too, closes it.
extension StoredTokenProvider {
    /// Requests a token, unless the host has just failed. Each call counts as one of the app's.
    ///
    /// - Throws: ``LarkError``; errors of the store.
    func request(_ request: TokenRequest, of app: AppRecord) async throws -> TenantAccessToken {
        try await send(to: request.host) { isProbe in
            try await notingUsedUpMonth(of: app) {
                let count = callCounter(of: app)
                return try await isProbe ? endpoint.probe(request, count) : endpoint.token(request, count)
            }
        }
    }

    /// Counts the calls of an app in the store.
    func callCounter(of app: AppRecord) -> TokenEndpoint.CallCounter {
        let app = QuotaApp(app)
        return { [store] in await store.countCall(of: app) }
    }

    private func notingUsedUpMonth<Result>(
        of app: AppRecord, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error as LarkError where error.isMonthUsedUp {
            await store.useUpMonth(of: app)
            throw error
        }
    }

    /// Sends a request to a host, unless the host has just failed.
    ///
    /// - Throws: ``LarkError``; errors of the request and the store.
    func send<Result: Sendable>(
        to host: LarkHost, _ request: (_ isProbe: Bool) async throws -> Result
    ) async throws -> Result {
        guard let outage = try await store.outage(of: host) else {
            return try await send(to: host, after: nil) { try await request(false) }
        }
        if outage.isRunning(at: clocks.now()) { throw outage.remembered(at: clocks.now()) }
        return try await store.withLock(Self.probeLockName(of: host)) { lock in
            guard try await lock.tryAcquire() else { throw outage.remembered(at: clocks.now()) }
            // Another probe may have ended between the read and the lock.
            let current = try await store.outage(of: host)
            if let current, current.isRunning(at: clocks.now()) { throw current.remembered(at: clocks.now()) }
            return try await send(to: host, after: current) { try await request(current != nil) }
        }
    }

    private func send<Result: Sendable>(
        to host: LarkHost, after outage: RenewalFailure?, _ request: () async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await request()
            if outage != nil { await update(host) { try await store.endOutage(of: host) } }
            return result
        } catch let error as LarkError {
            if error.isOutage {
                await update(host) { try await store.rememberOutage(of: host, error, after: outage) }
            } else if outage != nil {
                await update(host) { try await store.endOutage(of: host) }
            }
            throw error
        }
    }

    /// Changes what is remembered of a host. The result of the request matters more than an error of that.
    private func update(_ host: LarkHost, _ change: () async throws -> Void) async {
        do {
            try await change()
        } catch {
            Logger.current.warning(
                "the state of a host cannot be stored", metadata: ["host": "\(host)", "error": "\(error)"])
        }
    }

    private static func probeLockName(of host: LarkHost) -> String {
        "host-\(ProcessLock.digest(of: host.origin)).probe.lock"
    }
}
