public import FoundationEssentials
import GRDB
public import LarkAPI

/// What a store app's events are checked and opened with, as the developer console shows it.
public struct EventSettings: Sendable {
    /// Stands in each event.
    public var verificationToken: Secret?
    /// Events are encrypted and signed with it.
    public var encryptKey: Secret?

    /// Takes both; nil for one that is not set.
    public init(verificationToken: Secret? = nil, encryptKey: Secret? = nil) {
        self.verificationToken = verificationToken
        self.encryptKey = encryptKey
    }
}

/// One of ``EventSettings``, by its column.
enum EventSetting: String {
    case verificationToken = "sealed_verification_token"
    case encryptKey = "sealed_encrypt_key"

    var column: String { rawValue }
}

/// What the store tells about a store app: everything but secrets.
public struct AppSummary: Sendable {
    /// The name the operator gave.
    public let name: AppName
    /// Where the platform answers for it.
    public let host: LarkHost
    /// Its id.
    public let appID: AppID
    /// When it was registered.
    public let createdAt: Date
    /// How many tenants of it are registered.
    public let tenants: Int
    /// Whether there is a Verification Token.
    public let hasVerificationToken: Bool
    /// Whether there is an Encrypt Key.
    public let hasEncryptKey: Bool
    /// When the platform made the app_ticket that is kept, if there is one.
    public let ticketMadeAt: Date?
    /// When the platform was last asked to push another.
    public let ticketAskedAt: Date?
    /// The end of the cached app_access_token's life, if there is a token.
    public let tokenExpiresAt: Date?
    /// Why the last request for an app_access_token failed, if it did.
    public let lastFailure: String?
    /// Who installed it, as its events told.
    public let installations: [Installation]
}

extension Store {
    static let appColumns = "app.id, app.name AS app_name, app.host, app.app_id, app.generation"

    static func app(in row: Row) throws -> AppRecord {
        AppRecord(
            id: row["id"],
            name: try (row["app_name"] as String?).map { try AppName($0) },
            host: try LarkHost(row["host"] as String, allowInsecureHTTP: true),
            appID: try AppID(row["app_id"]),
            generation: row["generation"]
        )
    }

    /// Registers a store app.
    ///
    /// - Parameters:
    ///   - name: the name from now on.
    ///   - app: what proves it to the platform.
    ///   - settings: what its events are checked with.
    /// - Throws: ``StoreError`` `appExists`, and what writing throws.
    public func addApp(_ name: AppName, _ app: AppCredentials, settings: EventSettings) async throws {
        try await write { database in
            try Self.checkIsNew(name, in: database)
            let record = try self.insertApp(name, app, in: database)
            try self.set(settings, of: record, in: database)
        }
    }

    /// Changes a store app. Its tokens and those of its tenants, and remembered refusals, are out of reach from then
    /// on; its ticket too, if it becomes another app.
    ///
    /// - Throws: ``StoreError`` `unknownApp`, and what writing throws.
    public func updateApp(_ name: AppName, _ app: AppCredentials, settings: EventSettings) async throws {
        try await write { database in
            let old = try self.app(name, in: database)
            let record = try self.updateApp(old, app, in: database)
            try self.set(settings, of: record, in: database)
            if record.host != old.host || record.appID != old.appID {
                for table in ["app_ticket", "installation", "app_event"] {
                    try database.execute(sql: "DELETE FROM \(table) WHERE app = ?", arguments: [record.id])
                }
            }
        }
    }

    /// Forgets a store app, its secrets, ticket and tokens.
    ///
    /// - Throws: ``StoreError`` `unknownApp`; `sharedApp` while tenants of it are registered; what writing throws.
    public func removeApp(_ name: AppName) async throws {
        try await write { database in
            let record = try self.app(name, in: database)
            let tenants = try String.fetchAll(
                database, sql: "SELECT name FROM tenant WHERE app = ? ORDER BY name LIMIT 3", arguments: [record.id])
            guard tenants.isEmpty else {
                throw StoreError(
                    .sharedApp, "tenants use the app \(name): \(tenants.joined(separator: ", "))",
                    remedy: "Remove its tenants first: larkimg tenant remove \(tenants[0])"
                )
            }
            try database.execute(sql: "DELETE FROM app WHERE id = ?", arguments: [record.id])
        }
    }

    /// What proves a store app to the platform, its secret opened.
    ///
    /// - Throws: ``StoreError`` `unknownApp` or `sealBroken`, and what reading throws.
    public func credentials(of name: AppName) async throws -> AppCredentials {
        try await credentials(of: try await read { try self.app(name, in: $0) })
    }

    /// What a store app's events are checked and opened with.
    ///
    /// - Throws: ``StoreError`` `unknownApp` or `sealBroken`, and what reading throws.
    public func eventSettings(of name: AppName) async throws -> EventSettings {
        try await read { try self.eventSettings(of: self.app(name, in: $0), in: $0) }
    }

    /// What the events of all store apps are checked with, by name. An app whose settings do not open is left out.
    ///
    /// - Throws: what reading throws.
    package func eventSettings() async throws -> [AppName: (appID: AppID, settings: EventSettings)] {
        try await read { database in
            let sql = "SELECT \(Self.appColumns) FROM app WHERE app.name IS NOT NULL"
            var found: [AppName: (appID: AppID, settings: EventSettings)] = [:]
            for app in try Row.fetchAll(database, sql: sql).map(Self.app(in:)) {
                // One app's broken seal, which store check tells of, is no reason not to listen for the others.
                guard let name = app.name, let settings = try? self.eventSettings(of: app, in: database) else {
                    continue
                }
                found[name] = (app.appID, settings)
            }
            return found
        }
    }

    private func eventSettings(of app: AppRecord, in database: Database) throws -> EventSettings {
        func open(_ setting: EventSetting) throws -> Secret? {
            let sql = "SELECT \(setting.column) FROM app WHERE id = ?"
            guard let sealed = try Data?.fetchOne(database, sql: sql, arguments: [app.id]) ?? nil else { return nil }
            return try sealer.open(Array(sealed), at: .eventSetting(setting, of: app, storeID: storeID))
        }
        return EventSettings(verificationToken: try open(.verificationToken), encryptKey: try open(.encryptKey))
    }

    /// What there is to tell of one store app.
    ///
    /// - Throws: ``StoreError`` `unknownApp`, and what reading throws.
    public func app(_ name: AppName) async throws -> AppSummary {
        try await read { try self.summary(of: name, in: $0) }
    }

    /// What there is to tell of all store apps, by name.
    ///
    /// - Throws: what reading throws.
    public func apps() async throws -> [AppSummary] {
        try await read { database in
            try String.fetchAll(database, sql: "SELECT name FROM app WHERE name IS NOT NULL ORDER BY name")
                .map { try self.summary(of: AppName($0), in: database) }
        }
    }

    /// Makes sure that a name is free, before the platform is asked about the app.
    ///
    /// - Throws: ``StoreError`` `appExists`.
    public func checkIsNew(_ name: AppName) async throws {
        try await read { try Self.checkIsNew(name, in: $0) }
    }

    private static func checkIsNew(_ name: AppName, in database: Database) throws {
        let sql = "SELECT 1 FROM app WHERE name = ?"
        guard try Int.fetchOne(database, sql: sql, arguments: [name.text]) == nil else {
            throw StoreError(
                .appExists, "there is already a store app \(name)",
                remedy: "Change it with larkimg app update \(name), or choose another name"
            )
        }
    }

    /// The row of a store app.
    func app(_ name: AppName, in database: Database) throws -> AppRecord {
        let sql = "SELECT \(Self.appColumns) FROM app WHERE app.name = ?"
        guard let row = try Row.fetchOne(database, sql: sql, arguments: [name.text]) else { throw unknown(.app(name)) }
        return try Self.app(in: row)
    }

    func credentials(of app: AppRecord) async throws -> AppCredentials {
        AppCredentials(appID: app.appID, appSecret: try await appSecret(of: app), host: app.host)
    }

    /// A new row, of a store app or, without a name, of a custom app.
    func insertApp(_ name: AppName?, _ app: AppCredentials, in database: Database) throws -> AppRecord {
        let record = AppRecord(
            id: Int64.random(in: 1...Int64.max), name: name, host: app.host, appID: app.appID, generation: 1)
        try database.execute(
            sql: """
                INSERT INTO app (id, name, host, app_id, sealed_secret, generation, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                record.id, name?.text, record.host.origin, record.appID.text, try seal(app.appSecret, of: record),
                record.generation, now(), now(),
            ]
        )
        return record
    }

    /// The row with new credentials and of a new generation, its tokens and failures gone.
    func updateApp(_ old: AppRecord, _ app: AppCredentials, in database: Database) throws -> AppRecord {
        let record = AppRecord(
            id: old.id, name: old.name, host: app.host, appID: app.appID, generation: old.generation + 1)
        try database.execute(
            sql: "UPDATE app SET host = ?, app_id = ?, sealed_secret = ?, generation = ?, updated_at = ? WHERE id = ?",
            arguments: [
                record.host.origin, record.appID.text, try seal(app.appSecret, of: record), record.generation, now(),
                record.id,
            ]
        )
        try database.execute(sql: "DELETE FROM token WHERE app = ?", arguments: [record.id])
        try database.execute(sql: "DELETE FROM renewal_failure WHERE app = ?", arguments: [record.id])
        return record
    }

    private func set(_ settings: EventSettings, of app: AppRecord, in database: Database) throws {
        func seal(_ secret: Secret?, _ setting: EventSetting) throws -> Data? {
            let place = SealContext.eventSetting(setting, of: app, storeID: storeID)
            return try secret.map { Data(try sealer.seal($0, for: place)) }
        }
        try database.execute(
            sql: "UPDATE app SET sealed_verification_token = ?, sealed_encrypt_key = ? WHERE id = ?",
            arguments: [
                try seal(settings.verificationToken, .verificationToken), try seal(settings.encryptKey, .encryptKey),
                app.id,
            ])
    }

    private func seal(_ secret: Secret, of app: AppRecord) throws -> Data {
        Data(try sealer.seal(secret, for: .secret(of: app, storeID: storeID)))
    }

    private func summary(of name: AppName, in database: Database) throws -> AppSummary {
        let state = try state(of: .app(name), in: database)
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT sealed_verification_token IS NOT NULL AS has_token, sealed_encrypt_key IS NOT NULL AS has_key,
                    (SELECT count(*) FROM tenant WHERE tenant.app = app.id) AS tenants,
                    app_ticket.sealed_ticket IS NOT NULL AS has_ticket, app_ticket.made_at, app_ticket.asked_at
                FROM app LEFT JOIN app_ticket ON app_ticket.app = app.id WHERE app.id = ?
                """,
            arguments: [state.app.id])
        guard let row else { throw unknown(.app(name)) }
        let madeAt: Int64 = row["made_at"] ?? 0
        return AppSummary(
            name: name, host: state.app.host, appID: state.app.appID, createdAt: state.createdAt,
            tenants: row["tenants"], hasVerificationToken: row["has_token"], hasEncryptKey: row["has_key"],
            ticketMadeAt: row["has_ticket"] ? Date(microseconds: madeAt) : nil,
            ticketAskedAt: (row["asked_at"] as Int64?).map(Date.init(seconds:)),
            tokenExpiresAt: state.token?.expiresAt,
            lastFailure: state.failure?.error.description,
            installations: try installations(of: state.app, in: database)
        )
    }
}
