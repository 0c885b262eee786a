import Database
public import FoundationEssentials
public import LarkAPI

/// A store app without its secrets.
public struct AppSummary: Sendable {
    /// The name that the operator chose.
    public let name: AppName
    /// The platform's address.
    public let host: LarkHost
    /// The app_id.
    public let appID: AppID
    /// When it was registered.
    public let createdAt: Date
    /// The number of its tenants that are registered.
    public let tenants: Int
    /// Whether its Verification Token is set.
    public let hasVerificationToken: Bool
    /// Whether its Encrypt Key is set.
    public let hasEncryptKey: Bool
    /// When the platform created the stored app_ticket, if there is one.
    public let ticketMadeAt: Date?
    /// When the platform was last asked for another app_ticket.
    public let ticketAskedAt: Date?
    /// When the cached app_access_token expires, if there is one.
    public let tokenExpiresAt: Date?
    /// Why the last request for an app_access_token failed, if it did.
    public let lastFailure: String?
    /// How many calls it may make in a calendar month, as the operator said; nil if that is not known.
    public let monthQuota: Int?
    /// The tenants that installed it, as its events reported.
    public let installations: [Installation]
}

extension Store {
    /// Registers a store app.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - app: its credentials.
    ///   - settings: the secrets of its events.
    ///   - monthQuota: how many calls it may make in a calendar month, one of ``monthQuotas``; nil if that is not known.
    /// - Throws: `InvalidValue`; ``StoreError`` `appExists`, or an error of writing.
    public func addApp(
        _ name: AppName, _ app: AppCredentials, settings: EventSettings, monthQuota: Int? = nil
    ) async throws {
        try Self.check(monthQuota: monthQuota)
        try await write { connection in
            try Self.checkIsNew(name, in: connection)
            let record = try self.insertApp(name, app, monthQuota: monthQuota, in: connection)
            try self.set(settings, of: record, in: connection)
        }
    }

    /// Changes a store app, and deletes remembered failures.
    ///
    /// With other credentials, its tokens and its tenants' tokens become unreachable; a new app_id or host deletes its
    /// app_ticket and installations as well. Event settings alone change nothing else.
    ///
    /// - Throws: ``StoreError`` `unknownApp`, or an error of writing.
    public func updateApp(_ name: AppName, _ app: AppCredentials, settings: EventSettings) async throws {
        try await write { connection in
            let old = try self.app(name, in: connection)
            // A stored secret that does not open is replaced. One behind the same reference may have changed: its tokens
            // stay valid on the platform.
            let isSame =
                old.appID == app.appID && old.host == app.host
                && (try? self.storedSecret(of: old, in: connection)) == StoredSecret(app)
            let record = isSame ? old : try self.updateApp(old, app, in: connection)
            try self.set(settings, of: record, in: connection)
            try connection.execute("DELETE FROM renewal_failure WHERE app = ?", [record.id])
            if record.host != old.host || record.appID != old.appID {
                for table in ["app_ticket", "installation", "app_event"] {
                    try connection.execute("DELETE FROM \(table) WHERE app = ?", [record.id])
                }
            }
        }
    }

    /// Deletes a store app with its secrets, app_ticket and tokens.
    ///
    /// - Throws: ``StoreError`` `unknownApp`, `sharedApp` while tenants of it are registered, or an error of writing.
    public func removeApp(_ name: AppName) async throws {
        try await write { connection in
            let record = try self.app(name, in: connection)
            let tenants = try
                (connection.values("SELECT name FROM tenant WHERE app = ? ORDER BY name LIMIT 3", [record.id])
                as [String])
                .map { try TenantName($0) }
            guard tenants.isEmpty else {
                throw StoreError(
                    .sharedApp, "tenants use the app \(name): \(tenants.map(\.text).joined(separator: ", "))",
                    remedy: Remedy("Remove its tenants first", StoreAction.removeTenant(tenants[0]))
                )
            }
            try connection.execute("DELETE FROM app WHERE id = ?", [record.id])
        }
    }

    /// Returns one store app.
    ///
    /// - Throws: ``StoreError`` `unknownApp`, or an error of reading.
    public func app(_ name: AppName) async throws -> AppSummary {
        try await read { try self.summary(of: name, in: $0) }
    }

    /// Returns all store apps, sorted by name.
    ///
    /// - Throws: ``StoreError``.
    public func apps() async throws -> [AppSummary] {
        try await read { connection in
            try connection.values("SELECT name FROM app WHERE name IS NOT NULL ORDER BY name")
                .map { try self.summary(of: AppName($0 as String), in: connection) }
        }
    }

    /// Checks that a name is not in use, before the platform is asked about the app.
    ///
    /// - Throws: ``StoreError`` `appExists`, or an error of reading.
    public func checkIsNew(_ name: AppName) async throws {
        try await read { try Self.checkIsNew(name, in: $0) }
    }

    private static func checkIsNew(_ name: AppName, in connection: any SQLConnection) throws {
        let sql = "SELECT 1 FROM app WHERE name = ?"
        guard try connection.row(sql, [name.text]) == nil else {
            throw StoreError(
                .appExists, "there is already a store app \(name)",
                remedy: Remedy("Choose another name", StoreAction.updateApp(name))
            )
        }
    }

    private func summary(of name: AppName, in connection: any SQLConnection) throws -> AppSummary {
        let state = try state(of: .app(name), in: connection, opensToken: false)
        let row = try connection.row(
            """
            SELECT sealed_verification_token IS NOT NULL AS has_token, sealed_encrypt_key IS NOT NULL AS has_key,
                (SELECT count(*) FROM tenant WHERE tenant.app = app.id) AS tenants,
                app_ticket.sealed_ticket IS NOT NULL AS has_ticket, app_ticket.made_at, app_ticket.asked_at
            FROM app LEFT JOIN app_ticket ON app_ticket.app = app.id WHERE app.id = ?
            """,
            [state.app.id])
        guard let row else { throw unknown(.app(name), in: connection) }
        return AppSummary(
            name: name, host: state.app.host, appID: state.app.appID, createdAt: state.createdAt,
            tenants: try row["tenants"], hasVerificationToken: try row["has_token"], hasEncryptKey: try row["has_key"],
            ticketMadeAt: try row["has_ticket"] ? Date(microseconds: row.microseconds("made_at")) : nil,
            ticketAskedAt: try row.optionalInstant("asked_at"),
            tokenExpiresAt: state.expiresAt,
            lastFailure: state.failure?.error.description,
            monthQuota: state.app.monthQuota,
            installations: try installations(of: state.app, in: connection)
        )
    }
}
