public import FoundationEssentials
import GRDB
public import LarkAPI

/// What the store tells about a client of the auth service.
public struct ClientSummary: Sendable {
    /// The name the operator gave.
    public let name: ClientName
    /// Whose tokens it may have, and no others.
    public let tenants: Set<TenantName>
    /// When it was registered.
    public let createdAt: Date
    /// When each of its secrets ends, newest secret first; nil for one that does not.
    public let secretsExpireAt: [Date?]
}

/// Who presented a secret, and what that opens.
public struct ClientGrant: Sendable, Hashable {
    /// Who.
    public let client: ClientName
    /// Whose tokens it may have.
    public let tenants: Set<TenantName>

    package init(client: ClientName, tenants: Set<TenantName>) {
        self.client = client
        self.tenants = tenants
    }
}

extension Store {
    /// Registers a client of the auth service.
    ///
    /// - Parameters:
    ///   - name: the name from now on.
    ///   - tenants: whose tokens it may have; none means none.
    ///   - lifetime: of its secret; nil for one that does not end.
    /// - Returns: its secret, which is told this once.
    /// - Throws: ``StoreError`` `clientExists` or `unknownTenant`, and what writing throws.
    public func addClient(_ name: ClientName, tenants: [TenantName], lifetime: Duration?) async throws -> Secret {
        let now = now()
        return try await write { database in
            guard try !Self.exists(name, in: database) else {
                throw StoreError(
                    .clientExists, "there is already a client \(name)",
                    remedy: "Change it with larkimg client update \(name), or choose another name"
                )
            }
            try database.execute(
                sql: "INSERT INTO client (name, created_at) VALUES (?, ?)", arguments: [name.text, now])
            try self.grant(tenants, to: name, in: database)
            return try Self.insertSecret(of: name, lifetime: lifetime, now: now, in: database)
        }
    }

    /// Changes whose tokens a client may have.
    ///
    /// - Throws: ``StoreError`` `unknownClient` or `unknownTenant`, and what writing throws.
    public func updateClient(_ name: ClientName, tenants: [TenantName]) async throws {
        try await write { database in
            try Self.check(name, in: database)
            try database.execute(sql: "DELETE FROM client_tenant WHERE client = ?", arguments: [name.text])
            try self.grant(tenants, to: name, in: database)
        }
    }

    /// Gives a client another secret. The newest one before it stays good until ``endOldSecret(of:)``, or until the
    /// next change; older ones end.
    ///
    /// - Returns: the new secret, which is told this once.
    /// - Throws: ``StoreError`` `unknownClient`, and what writing throws.
    public func rotateSecret(of name: ClientName, lifetime: Duration?) async throws -> Secret {
        let now = now()
        return try await write { database in
            try Self.check(name, in: database)
            try Self.keepNewestSecret(of: name, in: database)
            return try Self.insertSecret(of: name, lifetime: lifetime, now: now, in: database)
        }
    }

    /// Ends all secrets of a client but the newest.
    ///
    /// - Throws: ``StoreError`` `unknownClient`, and what writing throws.
    public func endOldSecret(of name: ClientName) async throws {
        try await write { database in
            try Self.check(name, in: database)
            try Self.keepNewestSecret(of: name, in: database)
        }
    }

    /// Forgets a client; its secrets open nothing any more.
    ///
    /// - Throws: ``StoreError`` `unknownClient`, and what writing throws.
    public func removeClient(_ name: ClientName) async throws {
        try await write { database in
            try Self.check(name, in: database)
            try database.execute(sql: "DELETE FROM client WHERE name = ?", arguments: [name.text])
        }
    }

    /// What there is to tell of all clients, by name.
    ///
    /// - Throws: what reading throws.
    public func clients() async throws -> [ClientSummary] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT name, created_at FROM client ORDER BY name")
                .map { row in
                    let name = try ClientName(row["name"])
                    let ends =
                        try Row.fetchAll(
                            database,
                            sql: "SELECT expires_at FROM client_secret WHERE client = ? ORDER BY number DESC",
                            arguments: [name.text]
                        )
                        .map { ($0["expires_at"] as Int64?).map(Date.init(seconds:)) }
                    return ClientSummary(
                        name: name, tenants: try Self.tenants(of: name, in: database),
                        createdAt: Date(seconds: row["created_at"]), secretsExpireAt: ends)
                }
        }
    }

    /// Whose secret this is, and what it opens.
    ///
    /// The id in front of the secret finds its row; the rest is compared by its digest, in constant time.
    ///
    /// - Returns: nil for a secret that nobody has, or that has ended.
    /// - Throws: what reading throws.
    public func grant(for secret: Secret) async throws -> ClientGrant? {
        guard let presented = ClientSecret(secret) else { return nil }
        let now = now()
        return try await read { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT client, digest, expires_at FROM client_secret WHERE id = ?",
                arguments: [presented.id])
            guard let row, presented.isOf(row["digest"] as Data) else { return nil }
            if let end = row["expires_at"] as Int64?, end <= now { return nil }
            let name = try ClientName(row["client"])
            return ClientGrant(client: name, tenants: try Self.tenants(of: name, in: database))
        }
    }

    private static func exists(_ name: ClientName, in database: Database) throws -> Bool {
        try Int.fetchOne(database, sql: "SELECT 1 FROM client WHERE name = ?", arguments: [name.text]) != nil
    }

    private static func check(_ name: ClientName, in database: Database) throws {
        guard try exists(name, in: database) else {
            throw StoreError(
                .unknownClient, "there is no client \(name)",
                remedy: "See larkimg client list; register it with larkimg client add \(name) --tenants NAMES"
            )
        }
    }

    private func grant(_ tenants: [TenantName], to name: ClientName, in database: Database) throws {
        for tenant in Set(tenants) {
            let sql = "SELECT 1 FROM tenant WHERE name = ?"
            guard try Int.fetchOne(database, sql: sql, arguments: [tenant.text]) != nil else {
                throw unknown(.tenant(tenant))
            }
            try database.execute(
                sql: "INSERT INTO client_tenant (client, tenant) VALUES (?, ?)", arguments: [name.text, tenant.text])
        }
    }

    private static func insertSecret(
        of name: ClientName, lifetime: Duration?, now: Int64, in database: Database
    ) throws -> Secret {
        let made = ClientSecret()
        try database.execute(
            sql: "INSERT INTO client_secret (id, client, digest, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                made.id, name.text, Data(made.digest), now, lifetime.map { now + $0.components.seconds },
            ])
        return made.secret
    }

    private static func keepNewestSecret(of name: ClientName, in database: Database) throws {
        try database.execute(
            sql: """
                DELETE FROM client_secret WHERE client = ?1 AND id <> (
                    SELECT id FROM client_secret WHERE client = ?1 ORDER BY number DESC LIMIT 1)
                """,
            arguments: [name.text])
    }

    private static func tenants(of name: ClientName, in database: Database) throws -> Set<TenantName> {
        let sql = "SELECT tenant FROM client_tenant WHERE client = ?"
        return Set(try String.fetchAll(database, sql: sql, arguments: [name.text]).map { try TenantName($0) })
    }
}
