import Database
public import LarkAPI

/// The rows of `app`, and the event settings sealed in them: of custom apps and store apps.
extension Store {
    static let appColumns = """
        app.id, app.name AS app_name, app.host, app.app_id, app.generation, app.has_secret_reference, app.month_quota
        """

    static func app(in row: SQLRow) throws -> AppRecord {
        AppRecord(
            id: try row["id"],
            name: try (row["app_name"] as String?).map { try AppName($0) },
            host: try LarkHost(row["host"] as String, allowInsecureHTTP: true),
            appID: try AppID(row["app_id"]),
            generation: try row.count("generation"),
            monthQuota: try monthQuota(in: row),
            hasSecretReference: try row["has_secret_reference"]
        )
    }

    /// Returns the row of a store app.
    ///
    /// - Throws: ``StoreError`` `unknownApp`; `DatabaseError`.
    func app(_ name: AppName, in connection: any SQLConnection) throws -> AppRecord {
        let sql = "SELECT \(Self.appColumns) FROM app WHERE app.name = ?"
        guard let row = try connection.row(sql, [name.text]) else { throw unknown(.app(name), in: connection) }
        return try Self.app(in: row)
    }

    static func sharedApp(_ app: AppName, of tenant: TenantName) -> StoreError {
        StoreError(
            .sharedApp, "\(tenant) is a tenant of the store app \(app), which other tenants share",
            remedy: Remedy("Change the app itself", StoreAction.updateApp(app))
        )
    }

    /// Returns the event settings of a store app.
    ///
    /// - Parameters:
    ///   - name: the app.
    ///   - new: secrets that take the place of stored ones, which are not opened then and may be damaged.
    /// - Throws: ``StoreError`` `unknownApp`, `sealBroken`, or an error of reading.
    public func eventSettings(
        of name: AppName, replacing new: EventSettings = EventSettings()
    ) async throws -> EventSettings {
        try await read { try self.eventSettings(of: self.app(name, in: $0), replacing: new, in: $0) }
    }

    /// Returns the event settings of all store apps, except those that do not open.
    ///
    /// - Throws: ``StoreError``.
    package func eventSettings() async throws -> [AppName: (appID: AppID, settings: EventSettings)] {
        try await read { connection in
            let sql = "SELECT \(Self.appColumns) FROM app WHERE app.name IS NOT NULL"
            var found: [AppName: (appID: AppID, settings: EventSettings)] = [:]
            for app in try connection.rows(sql).map(Self.app(in:)) {
                // One app's damage, which a check of the store reports, must not stop the events of the others.
                guard let name = app.name, let settings = try? self.eventSettings(of: app, in: connection) else {
                    continue
                }
                found[name] = (app.appID, settings)
            }
            return found
        }
    }

    private func eventSettings(
        of app: AppRecord, replacing new: EventSettings = EventSettings(), in connection: any SQLConnection
    ) throws -> EventSettings {
        func open(_ setting: EventSetting) throws -> Secret? {
            let sql = "SELECT \(setting.column) FROM app WHERE id = ?"
            guard let row = try connection.row(sql, [app.id]), let sealed = try row[setting.column] as [UInt8]? else {
                return nil
            }
            do {
                return try sealer.open(sealed, at: .eventSetting(setting, of: app, storeID: storeID))
            } catch let error as StoreError {
                guard let name = app.name else { throw error }
                throw error.replacing(
                    "the event settings of the app \(name) do not open: they were changed or moved",
                    StoreAction.replaceEventKeys(name))
            }
        }
        return EventSettings(
            verificationToken: try new.verificationToken ?? open(.verificationToken),
            encryptKey: try new.encryptKey ?? open(.encryptKey))
    }

    /// Inserts a row.
    ///
    /// - Parameters:
    ///   - name: of a store app; nil for a custom app.
    ///   - monthQuota: how many calls it may make in a month; nil for what is known of the app already.
    func insertApp(
        _ name: AppName?, _ app: AppCredentials, monthQuota: Int?, in connection: any SQLConnection
    ) throws -> AppRecord {
        let quota = try monthQuota ?? Self.monthQuota(of: app, in: connection)
        let secret = StoredSecret(app)
        let record = AppRecord(
            id: Int64.random(in: 1...Int64.max), name: name, host: app.host, appID: app.appID, generation: 1,
            hasSecretReference: secret.isReference)
        try connection.execute(
            """
            INSERT INTO app (
                id, name, host, app_id, sealed_secret, has_secret_reference, generation, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                record.id, name?.text, record.host.origin, record.appID.text, try seal(secret, of: record),
                secret.isReference, record.generation, now(), now(),
            ]
        )
        try Self.setMonthQuota(quota, of: record, in: connection)
        return record
    }

    /// Changes the credentials in a row. It gets a new generation; its tokens and failures are deleted.
    func updateApp(_ old: AppRecord, _ app: AppCredentials, in connection: any SQLConnection) throws -> AppRecord {
        let secret = StoredSecret(app)
        let record = AppRecord(
            id: old.id, name: old.name, host: app.host, appID: app.appID, generation: old.generation + 1,
            hasSecretReference: secret.isReference)
        try connection.execute(
            """
            UPDATE app SET host = ?, app_id = ?, sealed_secret = ?, has_secret_reference = ?, generation = ?,
                updated_at = ?
            WHERE id = ?
            """,
            [
                record.host.origin, record.appID.text, try seal(secret, of: record), secret.isReference,
                record.generation, now(), record.id,
            ]
        )
        try connection.execute("DELETE FROM token WHERE app = ?", [record.id])
        try connection.execute("DELETE FROM renewal_failure WHERE app = ?", [record.id])
        return record
    }

    func set(_ settings: EventSettings, of app: AppRecord, in connection: any SQLConnection) throws {
        func seal(_ secret: Secret?, _ setting: EventSetting) throws -> [UInt8]? {
            try secret.map { try sealer.seal($0, for: .eventSetting(setting, of: app, storeID: storeID)) }
        }
        try connection.execute(
            "UPDATE app SET sealed_verification_token = ?, sealed_encrypt_key = ? WHERE id = ?",
            [
                try seal(settings.verificationToken, .verificationToken), try seal(settings.encryptKey, .encryptKey),
                app.id,
            ])
    }

    private func seal(_ secret: StoredSecret, of app: AppRecord) throws -> [UInt8] {
        try sealer.seal(secret.text, for: .secret(of: app, storeID: storeID))
    }
}
