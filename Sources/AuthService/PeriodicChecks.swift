import FoundationEssentials
import LarkAPI
import ServiceLifecycle
import TokenStore

/// What a service does once a second: it closes idle connections if they are scarce, writes the audit notices that were
/// held back, and checks that the store is still the one it opened.
struct PeriodicChecks: Service {
    let store: Store
    let connections: ConnectionRegistry
    let audit: AuditLog
    let timing: Clocks

    /// Runs until the service shuts down.
    ///
    /// - Throws: ``StoreError`` when the store was replaced. A service that went on would use its old content.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            // Only the end of the service cancels the wait.
            while (try? await timing.sleep(.seconds(1))) != nil {
                connections.closeIdle()
                await audit.writePendingNotices(at: timing.now())
                try store.checkIdentity()
            }
        }
        await audit.writePendingNotices(at: timing.now().addingTimeInterval(1))
    }
}
