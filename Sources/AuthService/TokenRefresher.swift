import FoundationEssentials
import LarkAPI
import Logging
import ServiceLifecycle
import Synchronization

/// Renews the tokens that were requested in the last day before they expire, so that no client waits.
final class TokenRefresher: Service {
    private static let interval = Duration.seconds(15)
    /// Seconds for which a tenant's tokens are renewed after the last request for one.
    private static let retention = 86_400.0
    /// The number of tokens that are checked at the same time, for each host of the platform.
    private static let concurrency = 8

    private let tokens: any TenantTokenProvider
    private let timing: Clocks
    private let host: @Sendable (TenantName) async throws -> LarkHost
    private let requestedAt = Mutex<[TenantName: Date]>([:])

    /// - Parameter host: returns the host of a tenant, so that one that does not respond holds up its own tenants only.
    init(
        _ tokens: any TenantTokenProvider, timing: Clocks,
        host: @escaping @Sendable (TenantName) async throws -> LarkHost
    ) {
        self.tokens = tokens
        self.timing = timing
        self.host = host
    }

    /// Records that a tenant's token was requested.
    func noteRequest(for tenant: TenantName) { requestedAt.withLock { $0[tenant] = timing.now() } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while true {
                // Only the end of the service cancels the wait.
                guard (try? await self.timing.sleep(Self.interval)) != nil else { return }
                await self.renew()
            }
        }
    }

    /// Checks each token once. An expiring one is renewed in the background.
    func renew() async {
        let now = timing.now()
        let tenants = requestedAt.withLock { requestedAt in
            requestedAt = requestedAt.filter { now.timeIntervalSince($0.value) < Self.retention }
            return Array(requestedAt.keys)
        }
        var tenantsByHost: [LarkHost: [TenantName]] = [:]
        for tenant in tenants {
            // A tenant that was removed has no host, and no token to renew.
            guard let host = try? await host(tenant) else { continue }
            tenantsByHost[host, default: []].append(tenant)
        }
        await withTaskGroup(of: Void.self) { hosts in
            for tenants in tenantsByHost.values { hosts.addTask { await self.renew(tenants) } }
        }
    }

    private func renew(_ tenants: [TenantName]) async {
        await withTaskGroup(of: Void.self) { group in
            for (number, tenant) in tenants.enumerated() {
                if number >= Self.concurrency { await group.next() }
                group.addTask { await self.renew(tenant) }
            }
        }
    }

    private func renew(_ tenant: TenantName) async {
        do {
            _ = try await tokens.token(for: tenant, goodFor: .seconds(300))
        } catch {
            // The store remembers the error, with the time to try again, for the next request.
            Logger.current.debug(
                "a token could not be renewed", metadata: ["tenant": "\(tenant)", "error": "\(error)"])
        }
    }
}
