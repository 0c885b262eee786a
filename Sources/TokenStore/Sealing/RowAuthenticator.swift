import Database
import LarkAPI

/// Authenticates the rows that decide which token a tenant or a client gets.
///
/// A tenant's code covers its name, app and tenant_key; a client's code covers its name, its tenants, and the digests and
/// expiry of its secrets. Who can write to the file but does not have the key can neither add a client nor point a tenant
/// to another app. Rows can still be deleted, and the whole file replaced by an older one.
struct RowAuthenticator {
    let sealer: Sealer
    let storeID: String

    /// Stores the code of a tenant.
    ///
    /// - Throws: `DatabaseError`.
    func signTenant(_ name: String, in connection: any SQLConnection) throws {
        guard let row = try tenant(name, in: connection) else { return }
        try connection.execute(
            "UPDATE tenant SET authentication_code = ? WHERE name = ?", [sealer.code(for: row.context), name])
    }

    /// Checks the code of a tenant.
    ///
    /// - Throws: ``StoreError`` `sealBroken`.
    func checkTenant(_ name: TenantName, app: Int64, tenantKey: String, code: [UInt8]?) throws {
        let context = SealContext.tenant(name.text, app: app, tenantKey: tenantKey, storeID: storeID)
        guard sealer.isValid(code, for: context) else {
            throw StoreError(
                .sealBroken, "the tenant \(name) was changed outside larkimg: its authentication code is not valid",
                remedy: Remedy(
                    "Restore a backup, or remove the tenant and register it again", StoreAction.removeTenant(name)))
        }
    }

    /// Stores the code of a client.
    ///
    /// - Throws: `DatabaseError`.
    func signClient(_ name: String, in connection: any SQLConnection) throws {
        guard let row = try client(name, in: connection) else { return }
        try connection.execute(
            "UPDATE client SET authentication_code = ? WHERE name = ?", [sealer.code(for: row.context), name])
    }

    /// Checks the code of a client.
    ///
    /// - Throws: ``StoreError`` `sealBroken`; `DatabaseError`.
    func checkClient(_ name: ClientName, in connection: any SQLConnection) throws {
        guard try isValidClient(name.text, in: connection) else {
            throw StoreError(
                .sealBroken, "the client \(name) was changed outside larkimg: its authentication code is not valid",
                remedy: Remedy(
                    "Restore a backup, or remove the client and register it again", StoreAction.removeClient(name)))
        }
    }

    /// Changes rows that a client depends on, and stores its new code; a client whose code is not valid stays so.
    ///
    /// - Throws: `DatabaseError`, and the body's errors.
    func changing(_ clients: [String], in connection: any SQLConnection, _ change: () throws -> Void) throws {
        let valid = try clients.filter { try isValidClient($0, in: connection) }
        try change()
        for client in valid { try signClient(client, in: connection) }
    }

    /// Replaces the code of every row by that of another key; a code that is not valid stays so.
    ///
    /// - Parameter old: the key before; nil when the rows have no codes yet.
    /// - Returns: the number of codes that are not valid.
    /// - Throws: `DatabaseError`.
    @discardableResult
    func signAll(replacing old: RowAuthenticator?, in connection: any SQLConnection) throws -> Int {
        var invalid = 0
        for name in try connection.values("SELECT name FROM tenant") as [String] {
            if let old {
                guard let row = try tenant(name, in: connection), old.sealer.isValid(row.code, for: row.context)
                else {
                    invalid += 1
                    continue
                }
            }
            try signTenant(name, in: connection)
        }
        for name in try connection.values("SELECT name FROM client") as [String] {
            if let old, try !old.isValidClient(name, in: connection) {
                invalid += 1
                continue
            }
            try signClient(name, in: connection)
        }
        return invalid
    }

    private func isValidClient(_ name: String, in connection: any SQLConnection) throws -> Bool {
        guard let row = try client(name, in: connection) else { return false }
        return sealer.isValid(row.code, for: row.context)
    }

    /// A row's code, and what it covers.
    private typealias Row = (code: [UInt8]?, context: SealContext)

    private func tenant(_ name: String, in connection: any SQLConnection) throws -> Row? {
        let sql = "SELECT app, tenant_key, authentication_code FROM tenant WHERE name = ?"
        guard let row = try connection.row(sql, [name]) else { return nil }
        let app: Int64 = try row["app"]
        return (
            try row["authentication_code"],
            .tenant(name, app: app, tenantKey: try row["tenant_key"], storeID: storeID)
        )
    }

    private func client(_ name: String, in connection: any SQLConnection) throws -> Row? {
        let sql = "SELECT authentication_code FROM client WHERE name = ?"
        guard let row = try connection.row(sql, [name]) else { return nil }
        let tenants: [String] = try connection.values(
            "SELECT tenant FROM client_tenant WHERE client = ? ORDER BY tenant", [name])
        let secrets = try connection.rows(
            "SELECT number, id, digest, expires_at FROM client_secret WHERE client = ? ORDER BY number", [name])
        let words = try secrets.flatMap { secret in
            let number: Int64 = try secret["number"]
            let id: String = try secret["id"]
            let digest: [UInt8] = try secret["digest"]
            let expiresAt: Int64? = try secret["expires_at"]
            return ["\(number)", id, Hexadecimal.text(digest), expiresAt.map { "\($0)" } ?? "never"]
        }
        return (
            try row["authentication_code"], .client(name, tenants: tenants, secrets: words, storeID: storeID)
        )
    }
}
