import Database
public import FoundationEssentials
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
        return try await write { connection in
            guard try !Self.exists(name, in: connection) else {
                throw StoreError(
                    .clientExists, "there is already a client \(name)",
                    remedy: "Change it with larkimg client update \(name), or choose another name"
                )
            }
            try connection.execute(
                "INSERT INTO client (name, created_at) VALUES (?, ?)", [name.text, now])
            try self.grant(tenants, to: name, in: connection)
            return try Self.insertSecret(of: name, lifetime: lifetime, now: now, in: connection)
        }
    }

    /// Changes whose tokens a client may have.
    ///
    /// - Throws: ``StoreError`` `unknownClient` or `unknownTenant`, and what writing throws.
    public func updateClient(_ name: ClientName, tenants: [TenantName]) async throws {
        try await write { connection in
            try Self.check(name, in: connection)
            try connection.execute("DELETE FROM client_tenant WHERE client = ?", [name.text])
            try self.grant(tenants, to: name, in: connection)
        }
    }

    /// Gives a client another secret. The newest one before it stays good until ``endOldSecret(of:)``, or until the
    /// next change; older ones end.
    ///
    /// - Returns: the new secret, which is told this once.
    /// - Throws: ``StoreError`` `unknownClient`, and what writing throws.
    public func rotateSecret(of name: ClientName, lifetime: Duration?) async throws -> Secret {
        let now = now()
        return try await write { connection in
            try Self.check(name, in: connection)
            try Self.keepNewestSecret(of: name, in: connection)
            return try Self.insertSecret(of: name, lifetime: lifetime, now: now, in: connection)
        }
    }

    /// Ends all secrets of a client but the newest.
    ///
    /// - Throws: ``StoreError`` `unknownClient`, and what writing throws.
    public func endOldSecret(of name: ClientName) async throws {
        try await write { connection in
            try Self.check(name, in: connection)
            try Self.keepNewestSecret(of: name, in: connection)
        }
    }

    /// Forgets a client; its secrets open nothing any more.
    ///
    /// - Throws: ``StoreError`` `unknownClient`, and what writing throws.
    public func removeClient(_ name: ClientName) async throws {
        try await write { connection in
            try Self.check(name, in: connection)
            try connection.execute("DELETE FROM client WHERE name = ?", [name.text])
        }
    }

    /// What there is to tell of all clients, by name.
    ///
    /// - Throws: what reading throws.
    public func clients() async throws -> [ClientSummary] {
        try await read { connection in
            try connection.rows("SELECT name, created_at FROM client ORDER BY name")
                .map { row in
                    let name = try ClientName(row["name"])
                    let ends =
                        try connection.rows(
                            "SELECT expires_at FROM client_secret WHERE client = ? ORDER BY number DESC",
                            [name.text]
                        )
                        .map { try $0.optionalInstant("expires_at") }
                    return ClientSummary(
                        name: name, tenants: try Self.tenants(of: name, in: connection),
                        createdAt: try row.instant("created_at"), secretsExpireAt: ends)
                }
        }
    }

    /// The ids of all client secrets.
    ///
    /// - Throws: what reading throws.
    package func clientSecretIDs() async throws -> Set<String> {
        try await read { Set(try $0.values("SELECT id FROM client_secret") as [String]) }
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
        return try await read { connection in
            let row = try connection.row(
                "SELECT client, digest, expires_at FROM client_secret WHERE id = ?",
                [presented.id])
            guard let row, presented.isOf(try row["digest"]) else { return nil }
            if let end = try row.optionalInstant("expires_at"), end.seconds <= now { return nil }
            let name = try ClientName(row["client"])
            return ClientGrant(client: name, tenants: try Self.tenants(of: name, in: connection))
        }
    }

    private static func exists(_ name: ClientName, in connection: any SQLConnection) throws -> Bool {
        try connection.row("SELECT 1 FROM client WHERE name = ?", [name.text]) != nil
    }

    private static func check(_ name: ClientName, in connection: any SQLConnection) throws {
        guard try exists(name, in: connection) else {
            throw StoreError(
                .unknownClient, "there is no client \(name)",
                remedy: "See larkimg client list; register it with larkimg client add \(name) --tenants NAMES"
            )
        }
    }

    private func grant(_ tenants: [TenantName], to name: ClientName, in connection: any SQLConnection) throws {
        for tenant in Set(tenants) {
            let sql = "SELECT 1 FROM tenant WHERE name = ?"
            guard try connection.row(sql, [tenant.text]) != nil else {
                throw unknown(.tenant(tenant))
            }
            try connection.execute(
                "INSERT INTO client_tenant (client, tenant) VALUES (?, ?)", [name.text, tenant.text])
        }
    }

    private static func insertSecret(
        of name: ClientName, lifetime: Duration?, now: Int64, in connection: any SQLConnection
    ) throws -> Secret {
        let made = ClientSecret()
        try connection.execute(
            "INSERT INTO client_secret (id, client, digest, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
            [
                made.id, name.text, Array(made.digest), now, lifetime.map { now + $0.components.seconds },
            ])
        return made.secret
    }

    private static func keepNewestSecret(of name: ClientName, in connection: any SQLConnection) throws {
        try connection.execute(
            """
            DELETE FROM client_secret WHERE client = ? AND id <> (
                SELECT id FROM client_secret WHERE client = ? ORDER BY number DESC LIMIT 1)
            """,
            [name.text, name.text])
    }

    private static func tenants(of name: ClientName, in connection: any SQLConnection) throws -> Set<TenantName> {
        let sql = "SELECT tenant FROM client_tenant WHERE client = ?"
        return Set(try connection.values(sql, [name.text]).map { try TenantName($0 as String) })
    }
}
