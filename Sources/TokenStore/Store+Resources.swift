import Database
import FoundationEssentials
package import LarkAPI

extension Store: ResourceMemory {
    /// The most rows of a kind that are read for a tenant, the newest ones.
    private static let maximumRows = 200_000

    /// - Throws: ``StoreError`` `unknownTenant`, and what reading throws.
    package func resourceKnowledge(of tenant: TenantName) async throws -> ResourceKnowledge {
        try await read { connection in
            let (app, tenantKey) = try self.owner(of: tenant, in: connection)
            var knowledge = ResourceKnowledge()
            for row in try connection.rows(
                """
                SELECT message_id, resource_key, type, code, reason, found_at FROM gone_resource
                WHERE app = ? AND tenant_key = ? ORDER BY found_at DESC LIMIT ?
                """,
                [app, tenantKey, Self.maximumRows])
            {
                // A damaged row is forgotten: the platform can be asked again.
                guard let reference = try? Self.reference(in: row), let code = try? row["code"] as Int,
                    let reason = try? row["reason"] as String, let foundAt = try? row["found_at"] as Int64
                else { continue }
                knowledge.gone[reference] = GoneResource(code: code, reason: reason, date: Date(seconds: foundAt))
            }
            for row in try connection.rows(
                """
                SELECT message_id, owner_id FROM resource_owner
                WHERE app = ? AND tenant_key = ? ORDER BY found_at DESC LIMIT ?
                """,
                [app, tenantKey, Self.maximumRows])
            {
                guard let message = try? MessageID(row["message_id"] as String),
                    let owner = try? MessageID(row["owner_id"] as String)
                else { continue }
                knowledge.owners[message] = owner
            }
            return knowledge
        }
    }

    /// - Throws: ``StoreError`` `unknownTenant`, and what writing throws.
    package func learn(_ knowledge: ResourceKnowledge, about tenant: TenantName) async throws {
        guard knowledge.count > 0 else { return }
        let now = now()
        try await write { connection in
            let (app, tenantKey) = try self.owner(of: tenant, in: connection)
            for (reference, gone) in knowledge.gone {
                try connection.execute(
                    """
                    INSERT INTO gone_resource (app, tenant_key, message_id, resource_key, type, code, reason, found_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (app, tenant_key, message_id, resource_key, type) DO UPDATE SET
                        code = excluded.code, reason = excluded.reason, found_at = excluded.found_at
                    """,
                    [
                        app, tenantKey, reference.message?.text ?? "", reference.key.text,
                        Self.type(of: reference).rawValue, gone.code, gone.reason, now,
                    ])
            }
            for reference in knowledge.delivered {
                try connection.execute(
                    """
                    DELETE FROM gone_resource
                    WHERE app = ? AND tenant_key = ? AND message_id = ? AND resource_key = ? AND type = ?
                    """,
                    [
                        app, tenantKey, reference.message?.text ?? "", reference.key.text,
                        Self.type(of: reference).rawValue,
                    ])
            }
            for (message, owner) in knowledge.owners {
                try connection.execute(
                    """
                    INSERT INTO resource_owner (app, tenant_key, message_id, owner_id, found_at) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (app, tenant_key, message_id) DO UPDATE SET
                        owner_id = excluded.owner_id, found_at = excluded.found_at
                    """,
                    [app, tenantKey, message.text, owner.text, now])
            }
        }
    }

    private func owner(of tenant: TenantName, in connection: any SQLConnection) throws -> (app: Int64, key: String) {
        let row = try connection.row("SELECT app, tenant_key FROM tenant WHERE name = ?", [tenant.text])
        guard let row else { throw unknown(.tenant(tenant), in: connection) }
        return (try row["app"], try row["tenant_key"])
    }

    private static func reference(in row: SQLRow) throws -> ImageReference? {
        let key = try ResourceKey(row["resource_key"] as String)
        let message: String = try row["message_id"]
        guard !message.isEmpty else { return .image(key) }
        guard let type = ImageReference.ResourceType(rawValue: try row["type"]) else { return nil }
        return .messageResource(try MessageID(message), key, type)
    }

    private static func type(of reference: ImageReference) -> ImageReference.ResourceType {
        if case .messageResource(_, _, let type) = reference { type } else { .image }
    }
}
