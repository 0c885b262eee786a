import Database
public import LarkAPI

/// The app_secrets of custom apps and store apps: sealed in the rows of `app`, or read where a sealed reference says.
extension Store {
    /// Returns the credentials of a store app.
    ///
    /// - Parameters:
    ///   - name: the app.
    ///   - newSecret: takes the place of the stored app_secret, which is not opened then and may be damaged.
    ///   - readsReference: whether to read an app_secret that the store has only a reference to; it is empty otherwise.
    /// - Throws: ``StoreError`` `unknownApp`, `sealBroken`, `secretUnusable`, `secretUnavailable`, or an error of reading.
    public func credentials(
        of name: AppName, replacingSecret newSecret: Secret? = nil, readsReference: Bool = true
    ) async throws -> AppCredentials {
        let (app, stored) = try await read { connection in
            let app = try self.app(name, in: connection)
            return (app, try newSecret.map { .value($0) } ?? self.storedSecret(of: app, in: connection))
        }
        return try await credentials(of: app, stored, readsReference: readsReference)
    }

    /// Returns the credentials of a tenant's custom app.
    ///
    /// - Parameters:
    ///   - name: the tenant.
    ///   - newSecret: takes the place of the stored app_secret, which is not opened then and may be damaged.
    ///   - readsReference: whether to read an app_secret that the store has only a reference to; it is empty otherwise.
    /// - Throws: ``StoreError`` `unknownTenant`, `sealBroken`, `secretUnusable`, `secretUnavailable`, `sharedApp` for a
    ///   tenant of a store app, or an error of reading.
    public func credentials(
        of name: TenantName, replacingSecret newSecret: Secret? = nil, readsReference: Bool = true
    ) async throws -> AppCredentials {
        let (app, stored) = try await read { connection in
            let app = try self.state(of: .tenant(name), in: connection).app
            if let shared = app.name { throw Self.sharedApp(shared, of: name) }
            return (app, try newSecret.map { .value($0) } ?? self.storedSecret(of: app, in: connection))
        }
        return try await credentials(of: app, stored, readsReference: readsReference)
    }

    /// Returns where the app_secret of a tenant's app is read; nil if the store holds it.
    ///
    /// - Throws: ``StoreError`` `unknownTenant`, `sealBroken`, or an error of reading.
    public func secretReference(of name: TenantName) async throws -> SecretReference? {
        try await secretReference(of: .tenant(name))
    }

    /// Returns where the app_secret of a store app is read; nil if the store holds it.
    ///
    /// - Throws: ``StoreError`` `unknownApp`, `sealBroken`, or an error of reading.
    public func secretReference(of name: AppName) async throws -> SecretReference? {
        try await secretReference(of: .app(name))
    }

    private func secretReference(of owner: TokenOwner) async throws -> SecretReference? {
        try await read { connection in
            let app = try self.state(of: owner, in: connection).app
            guard app.hasSecretReference,
                case .reference(let reference) = try self.storedSecret(of: app, in: connection)
            else { return nil }
            return reference
        }
    }

    /// Returns the credentials of an app, to request a token with.
    func credentials(of app: AppRecord) async throws -> AppCredentials {
        try await credentials(of: app, try await read { try self.storedSecret(of: app, in: $0) }, readsReference: true)
    }

    private func credentials(
        of app: AppRecord, _ stored: StoredSecret, readsReference: Bool
    ) async throws -> AppCredentials {
        switch stored {
        case .value(let secret):
            return AppCredentials(appID: app.appID, appSecret: secret, host: app.host)
        case .reference(let reference):
            var credentials = AppCredentials(appID: app.appID, secretReference: reference, host: app.host)
            if readsReference { credentials.appSecret = try await secret(reference, of: app) }
            return credentials
        }
    }

    private func secret(_ reference: SecretReference, of app: AppRecord) async throws -> Secret {
        do {
            return try await secrets.secret(reference)
        } catch let error as StoreError {
            if let name = app.name { throw error.adding(.updateApp(name)) }
            let tenant = try await read { try self.tenant(of: app, in: $0) }
            throw tenant.map { error.adding(.updateTenant($0)) } ?? error
        }
    }

    /// Opens what a row has as the app_secret.
    ///
    /// - Throws: ``StoreError`` `sealBroken`; `busy` when the app was changed since it was read; `DatabaseError`.
    func storedSecret(of app: AppRecord, in connection: any SQLConnection) throws -> StoredSecret {
        let sealed: [UInt8]? = try connection.value(
            "SELECT sealed_secret FROM app WHERE id = ? AND generation = ?", [app.id, app.generation])
        guard let sealed else {
            throw StoreError(
                .busy, "the app was changed by another process just now", remedy: "Run this again")
        }
        do {
            let secret = try sealer.open(sealed, at: .secret(of: app, storeID: storeID))
            return app.hasSecretReference ? .reference(try SecretReference(secret.revealedText)) : .value(secret)
        } catch let error as StoreError {
            if let name = app.name {
                throw error.replacing(
                    "the app_secret of the app \(name) does not open: it was changed or moved",
                    StoreAction.replaceAppSecret(name))
            }
            guard let name = try tenant(of: app, in: connection) else { throw error }
            throw error.replacing(
                "the app_secret of the tenant \(name) does not open: it was changed or moved",
                StoreAction.replaceTenantSecret(name))
        }
    }

    /// The tenant of a custom app.
    private func tenant(of app: AppRecord, in connection: any SQLConnection) throws -> TenantName? {
        let name: String? = try connection.value("SELECT name FROM tenant WHERE app = ? LIMIT 1", [app.id])
        return try name.map { try TenantName($0) }
    }
}
