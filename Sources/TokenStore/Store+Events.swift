import Database
public import FoundationEssentials
public import LarkAPI

/// A tenant that installed a store app, as the app's events told.
public struct Installation: Sendable, Hashable {
    /// What became of it last.
    public enum State: String, Sendable {
        /// Installed and in use (`app_open`, or `app_status_change` to a start).
        case enabled
        /// Stopped by the tenant or the platform.
        case disabled
        /// Gone; also when the tenant was dissolved.
        case uninstalled
    }

    /// How the platform calls the tenant.
    public let tenantKey: TenantKey
    /// What became of it last.
    public let state: State
    /// When.
    public let changedAt: Date

    /// Takes all three.
    public init(tenantKey: TenantKey, state: State, changedAt: Date) {
        self.tenantKey = tenantKey
        self.state = state
        self.changedAt = changedAt
    }
}

/// What a store app's event says that concerns us.
public enum AppEvent: Sendable {
    /// The platform pushed a ticket, made at this instant.
    case ticket(Secret, madeAt: Date)
    /// A tenant installed the app, stopped it or removed it.
    case installation(Installation)
    /// Something else, which is only acknowledged.
    case other
}

extension Store {
    /// How long an event is known again: the platform tries four times over seven and a half hours (document "Event
    /// overview").
    private static let eventMemory: Int64 = 86_400

    /// Acts on an event, once however often it comes.
    ///
    /// - Parameters:
    ///   - event: what it says.
    ///   - id: what makes it one and the same over all deliveries.
    ///   - app: whose it is.
    /// - Returns: whether it was new and something followed from it.
    /// - Throws: ``StoreError`` `unknownApp`, and what writing throws.
    public func receive(_ event: AppEvent, id: String, of app: AppName) async throws -> Bool {
        // Nothing follows from it, so that there is nothing to do only once.
        if case .other = event { return false }
        let now = now()
        return try await write { connection in
            let record = try self.app(app, in: connection)
            let added = try connection.execute(
                "INSERT INTO app_event (app, event_id, seen_at) VALUES (?, ?, ?) ON CONFLICT (app, event_id) DO NOTHING",
                [record.id, id, now])
            guard added > 0 else { return false }
            try connection.execute(
                "DELETE FROM app_event WHERE seen_at < ?", [now - Self.eventMemory])
            switch event {
            case .ticket(let ticket, let madeAt):
                _ = try self.keep(ticket, madeAt: madeAt, of: record, in: connection)
            case .installation(let installation):
                try Self.keep(installation, of: record, in: connection)
            case .other:
                break
            }
            return true
        }
    }

    private static func keep(_ installation: Installation, of app: AppRecord, in connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO installation (app, tenant_key, state, changed_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (app, tenant_key) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at
            WHERE excluded.changed_at > installation.changed_at
            """,
            [
                app.id, installation.tenantKey.text, installation.state.rawValue, installation.changedAt.microseconds,
            ])
        // Whoever could get no token before the tenant installed the app may ask again at once.
        guard installation.state == .enabled else { return }
        try connection.execute(
            "DELETE FROM renewal_failure WHERE app = ? AND tenant_key = ?",
            [app.id, installation.tenantKey.text])
    }

    func installations(of app: AppRecord, in connection: any SQLConnection) throws -> [Installation] {
        let sql = "SELECT tenant_key, state, changed_at FROM installation WHERE app = ? ORDER BY tenant_key"
        return try connection.rows(sql, [app.id])
            .map { row in
                // The schema allows no other state.
                guard let state = Installation.State(rawValue: try row["state"]) else {
                    throw DatabaseError(.invalidColumn, "column state holds an unknown word")
                }
                return Installation(
                    tenantKey: try TenantKey(row["tenant_key"]), state: state,
                    changedAt: Date(microseconds: try row.microseconds("changed_at")))
            }
    }
}
