import Database
import FoundationEssentials
public import LarkAPI

extension Store {
    /// Registers a client of the auth service.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - tenants: the tenants whose tokens it may have.
    ///   - lifetime: of its secret; nil for one that does not expire.
    /// - Returns: its secret, which is not stored and cannot be shown again.
    /// - Throws: ``StoreError`` `clientExists`, `unknownTenant`, or an error of writing.
    public func addClient(_ name: ClientName, tenants: [TenantName], lifetime: Duration?) async throws -> Secret {
        let now = now()
        return try await write { connection in
            guard try !Self.exists(name, in: connection) else {
                throw StoreError(
                    .clientExists, "there is already a client \(name)",
                    remedy: Remedy("Choose another name", StoreAction.updateClient(name))
                )
            }
            try connection.execute(
                "INSERT INTO client (name, created_at) VALUES (?, ?)", [name.text, now])
            try self.insertGrants(tenants, to: name, in: connection)
            let secret = try Self.insertSecret(of: name, lifetime: lifetime, now: now, in: connection)
            try self.authenticator.signClient(name.text, in: connection)
            return secret
        }
    }

    /// Changes the tenants whose tokens a client may have.
    ///
    /// - Throws: ``StoreError`` `unknownClient`, `unknownTenant`, `sealBroken`, or an error of writing.
    public func updateClient(_ name: ClientName, tenants: [TenantName]) async throws {
        try await write { connection in
            try self.change(name, in: connection) {
                try connection.execute("DELETE FROM client_tenant WHERE client = ?", [name.text])
                try self.insertGrants(tenants, to: name, in: connection)
            }
        }
    }

    /// Adds a new secret to a client. The secret before it stays valid until ``endOldSecret(of:)`` or the next
    /// rotation; older ones are deleted.
    ///
    /// - Returns: the new secret, which is not stored and cannot be shown again.
    /// - Throws: ``StoreError`` `unknownClient`, `sealBroken`, or an error of writing.
    public func rotateSecret(of name: ClientName, lifetime: Duration?) async throws -> Secret {
        let now = now()
        return try await write { connection in
            try self.change(name, in: connection) {
                try Self.keepNewestSecret(of: name, in: connection)
                return try Self.insertSecret(of: name, lifetime: lifetime, now: now, in: connection)
            }
        }
    }

    /// Deletes all secrets of a client but the newest.
    ///
    /// - Throws: ``StoreError`` `unknownClient`, `sealBroken`, or an error of writing.
    public func endOldSecret(of name: ClientName) async throws {
        try await write { connection in
            try self.change(name, in: connection) { try Self.keepNewestSecret(of: name, in: connection) }
        }
    }

    /// Deletes a client and its secrets.
    ///
    /// - Throws: ``StoreError`` `unknownClient`, `sealBroken`, or an error of writing.
    public func removeClient(_ name: ClientName) async throws {
        try await write { connection in
            try Self.checkExists(name, in: connection)
            try connection.execute("DELETE FROM client WHERE name = ?", [name.text])
        }
    }

    /// Returns all clients, sorted by name.
    ///
    /// - Throws: ``StoreError``.
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
    /// - Throws: ``StoreError``.
    package func clientSecretIDs() async throws -> Set<String> {
        try await read { Set(try $0.values("SELECT id FROM client_secret") as [String]) }
    }

    /// Returns what a secret allows.
    ///
    /// The id in the secret finds its row; the digest of the whole is compared in constant time.
    ///
    /// - Returns: nil for an unknown or expired secret.
    /// - Throws: ``StoreError`` `sealBroken` for a client that was changed outside larkimg, or an error of reading.
    public func grant(for secret: Secret) async throws -> ClientGrant? {
        guard let presented = ClientSecret(secret) else { return nil }
        let now = now()
        return try await read { connection in
            let row = try connection.row(
                "SELECT client, digest, expires_at FROM client_secret WHERE id = ?",
                [presented.id])
            guard let row, presented.matches(digest: try row["digest"]) else { return nil }
            let end = try row.optionalInstant("expires_at")
            if let end, end.seconds <= now { return nil }
            let name = try ClientName(row["client"])
            try self.authenticator.checkClient(name, in: connection)
            return ClientGrant(
                client: name, tenants: try Self.tenants(of: name, in: connection), expiresAt: end)
        }
    }

    /// Changes a client's tenants or secrets. A client that was changed outside larkimg does not get a valid code.
    private func change<Value>(
        _ name: ClientName, in connection: any SQLConnection, _ body: () throws -> Value
    ) throws -> Value {
        try Self.checkExists(name, in: connection)
        try authenticator.checkClient(name, in: connection)
        let value = try body()
        try authenticator.signClient(name.text, in: connection)
        return value
    }

    private static func exists(_ name: ClientName, in connection: any SQLConnection) throws -> Bool {
        try connection.row("SELECT 1 FROM client WHERE name = ?", [name.text]) != nil
    }

    private static func checkExists(_ name: ClientName, in connection: any SQLConnection) throws {
        guard try exists(name, in: connection) else {
            throw StoreError(
                .unknownClient, "there is no client \(name)",
                remedy: Remedy("Check the name", StoreAction.registerClient(name))
            )
        }
    }

    private func insertGrants(_ tenants: [TenantName], to name: ClientName, in connection: any SQLConnection) throws {
        for tenant in Set(tenants) {
            let sql = "SELECT 1 FROM tenant WHERE name = ?"
            guard try connection.row(sql, [tenant.text]) != nil else {
                throw unknown(.tenant(tenant), in: connection)
            }
            try connection.execute(
                "INSERT INTO client_tenant (client, tenant) VALUES (?, ?)", [name.text, tenant.text])
        }
    }

    private static func insertSecret(
        of name: ClientName, lifetime: Duration?, now: Int64, in connection: any SQLConnection
    ) throws -> Secret {
        let new = ClientSecret()
        try connection.execute(
            "INSERT INTO client_secret (id, client, digest, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
            [
                new.id, name.text, Array(new.digest), now, lifetime.map { now + $0.components.seconds },
            ])
        return new.secret
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
