import FoundationEssentials
import LarkAPI
import Logging
import ServiceLifecycle
import Synchronization

/// Renews the tokens of tenants that were asked for in the last day, ahead of need, so that no caller waits.
final class TokenRefresher: Service {
    private static let pause = Duration.seconds(15)
    private static let memory = 86_400.0
    private static let atOnce = 8

    private let tokens: any TenantTokenProvider
    private let timing: Clocks
    private let askedAt = Mutex<[TenantName: Date]>([:])

    init(_ tokens: any TenantTokenProvider, timing: Clocks) {
        self.tokens = tokens
        self.timing = timing
    }

    /// Tells that somebody asks for a tenant's token.
    func note(_ tenant: TenantName) { askedAt.withLock { $0[tenant] = timing.now() } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while true {
                // The end of the service, and nothing else, ends a wait early.
                guard (try? await self.timing.sleep(Self.pause)) != nil else { return }
                await self.renew()
            }
        }
    }

    /// Looks at each tenant's token once. An expiring one is renewed behind the back of whoever asks for it.
    func renew() async {
        let now = timing.now()
        let tenants = askedAt.withLock { askedAt in
            askedAt = askedAt.filter { now.timeIntervalSince($0.value) < Self.memory }
            return Array(askedAt.keys)
        }
        await withTaskGroup(of: Void.self) { group in
            for (number, tenant) in tenants.enumerated() {
                if number >= Self.atOnce { await group.next() }
                group.addTask { await self.renew(tenant) }
            }
        }
    }

    private func renew(_ tenant: TenantName) async {
        do {
            _ = try await tokens.token(for: tenant, goodFor: .seconds(300))
        } catch {
            // It is remembered in the store, with the time to try again; whoever asks for the token is told.
            Logger.current.debug(
                "a token could not be renewed", metadata: ["tenant": "\(tenant)", "error": "\(error)"])
        }
    }
}
