import LarkAPI
import TokenStore

extension Doctor {
    /// Reads the app_secrets that the store has only references to. Offline, programs are not run: they may use the network.
    ///
    /// - Throws: what `report` throws; `CancellationError`.
    func examineSecrets(_ store: Store, _ report: (Finding) throws -> Void) async throws {
        for tenant in try await store.tenants() where tenant.app == nil {
            // A value that does not open is a finding of the store's check.
            guard let reference = try? await store.secretReference(of: tenant.name), isReadable(reference) else {
                continue
            }
            try await examine(reference, of: tenant.name.text, report) {
                _ = try await store.credentials(of: tenant.name)
            }
        }
        for app in try await store.apps() {
            guard let reference = try? await store.secretReference(of: app.name), isReadable(reference) else {
                continue
            }
            try await examine(reference, of: app.name.text, report) { _ = try await store.credentials(of: app.name) }
        }
    }

    private func isReadable(_ reference: SecretReference) -> Bool {
        if case .command = reference.source { !isOffline } else { true }
    }

    private func examine(
        _ reference: SecretReference, of name: String, _ report: (Finding) throws -> Void,
        _ read: () async throws -> Void
    ) async throws {
        do {
            try await read()
            try report(.pass("secret", name, "it can be read from \(reference)"))
        } catch let error as StoreError {
            try report(.fail("secret", name, Failure(error)))
        }
    }
}
