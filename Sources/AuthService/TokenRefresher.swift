import FoundationEssentials
import LarkAPI
import Logging
import ServiceLifecycle
import Synchronization
import TokenStore

/// Renews the tokens that were requested in the last day before they expire, so that no client waits.
///
/// Each token is looked at when its renewal is due, and not before. Other replicas of the service look at the same time:
/// one of them renews, and the others find the new token.
final class TokenRefresher: Service {
    private struct Entry {
        var requestedAt: Date
        var dueAt: Date
    }

    private static let interval = Duration.seconds(1)
    /// Seconds until a token is looked at again while another process renews it, or after an error.
    private static let retryInterval = 15.0
    /// Seconds for which a tenant's tokens are renewed after the last request for one.
    private static let retention = 86_400.0
    /// The number of tokens that are checked at the same time, for each host of the platform.
    private static let concurrency = 8

    private let tokens: any TenantTokenProvider
    private let timing: Clocks
    private let host: @Sendable (TenantName) async throws -> LarkHost
    private let entries = Mutex<[TenantName: Entry]>([:])

    /// - Parameter host: returns the host of a tenant, so that one that does not respond holds up its own tenants only.
    init(
        _ tokens: any TenantTokenProvider, timing: Clocks,
        host: @escaping @Sendable (TenantName) async throws -> LarkHost
    ) {
        self.tokens = tokens
        self.timing = timing
        self.host = host
    }

    /// Records that a tenant's token was requested, and which one it is.
    func noteRequest(for tenant: TenantName, _ token: TenantAccessToken) {
        let now = timing.now()
        entries.withLock { entries in
            entries[tenant, default: Entry(requestedAt: now, dueAt: token.renewalTime(of: tenant.text))].requestedAt =
                now
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while true {
                // Only the end of the service cancels the wait.
                guard (try? await self.timing.sleep(Self.interval)) != nil else { return }
                await self.renew()
            }
        }
    }

    /// Checks each token that is due. An expiring one is renewed in the background.
    func renew() async {
        var tenantsByHost: [LarkHost: [TenantName]] = [:]
        for tenant in dueTenants() {
            // A tenant that was removed has no host, and no token to renew.
            guard let host = try? await host(tenant) else { continue }
            tenantsByHost[host, default: []].append(tenant)
        }
        await withTaskGroup(of: Void.self) { hosts in
            for tenants in tenantsByHost.values { hosts.addTask { await self.renew(tenants) } }
        }
    }

    /// The tenants whose tokens are due, which are due again after a while unless something else is found.
    private func dueTenants() -> [TenantName] {
        let now = timing.now()
        return entries.withLock { entries in
            let due = entries.filter { $0.value.dueAt <= now }
            for (tenant, entry) in due {
                let isUsed = now.timeIntervalSince(entry.requestedAt) < Self.retention
                entries[tenant] =
                    isUsed
                    ? Entry(requestedAt: entry.requestedAt, dueAt: now.addingTimeInterval(Self.retryInterval)) : nil
            }
            return due.keys.filter { entries[$0] != nil }
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
            let token = try await tokens.token(for: tenant, goodFor: .seconds(300))
            let dueAt = token.renewalTime(of: tenant.text)
            guard dueAt > timing.now() else { return }
            entries.withLock { $0[tenant]?.dueAt = dueAt }
        } catch {
            // The store remembers the error, with the time to try again, for the next request.
            Logger.current.debug(
                "a token could not be renewed", metadata: ["tenant": "\(tenant)", "error": "\(error)"])
        }
    }
}
