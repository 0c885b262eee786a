import Database
public import FoundationEssentials
public import LarkAPI

/// A tenant that installed a store app, as the app's events reported.
public struct Installation: Sendable, Hashable {
    /// The states of an installation.
    public enum State: String, Sendable {
        /// Installed and in use (`app_open`, or `app_status_change` to a start).
        case enabled
        /// Disabled by the tenant or the platform.
        case disabled
        /// Removed; also when the tenant was dissolved.
        case uninstalled
    }

    /// The tenant's key on the platform.
    public let tenantKey: TenantKey
    /// The state that was reported last.
    public let state: State
    /// When the state changed.
    public let changedAt: Date

    /// Creates an installation.
    public init(tenantKey: TenantKey, state: State, changedAt: Date) {
        self.tenantKey = tenantKey
        self.state = state
        self.changedAt = changedAt
    }
}

/// An event of a store app.
public enum AppEvent: Sendable {
    /// The platform pushed an app_ticket that it created at this instant.
    case ticket(Secret, madeAt: Date)
    /// A tenant installed, disabled or removed the app.
    case installation(Installation)
    /// Any other event, which is acknowledged and ignored.
    case other
}

extension Store {
    /// For how many seconds a repeated event is recognised: the platform sends one up to four times within seven and a
    /// half hours (document "Event overview").
    private static let eventRetention: Int64 = 86_400

    /// Stores what an event reports, once for all deliveries of it.
    ///
    /// - Parameters:
    ///   - event: the event.
    ///   - id: its event_id, which is the same in all deliveries.
    ///   - app: the app that received it.
    /// - Returns: whether it was new and something was stored.
    /// - Throws: ``StoreError`` `unknownApp`, or an error of writing.
    public func receive(_ event: AppEvent, id: String, of app: AppName) async throws -> Bool {
        if case .other = event { return false }
        let now = now()
        return try await write { connection in
            let record = try self.app(app, in: connection)
            let added = try connection.execute(
                "INSERT INTO app_event (app, event_id, seen_at) VALUES (?, ?, ?) ON CONFLICT (app, event_id) DO NOTHING",
                [record.id, id, now])
            guard added > 0 else { return false }
            try connection.execute(
                "DELETE FROM app_event WHERE seen_at < ?", [now - Self.eventRetention])
            switch event {
            case .ticket(let ticket, let madeAt):
                _ = try self.keep(ticket, madeAt: madeAt, of: record, in: connection)
            case .installation(let installation):
                try self.keep(installation, of: record, in: connection)
            case .other:
                break
            }
            return true
        }
    }

    private func keep(_ installation: Installation, of app: AppRecord, in connection: any SQLConnection) throws {
        let latest = timing.now().addingTimeInterval(Self.clockTolerance)
        try connection.execute(
            """
            INSERT INTO installation (app, tenant_key, state, changed_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (app, tenant_key) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at
            WHERE excluded.changed_at > installation.changed_at
            """,
            [
                app.id, installation.tenantKey.text, installation.state.rawValue,
                min(installation.changedAt, latest).microseconds,
            ])
        // A token that was refused before the tenant installed the app may be requested again at once.
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
                    throw DatabaseError(.invalidColumn, "column state holds an unknown value")
                }
                return Installation(
                    tenantKey: try TenantKey(row["tenant_key"]), state: state,
                    changedAt: Date(microseconds: try row.microseconds("changed_at")))
            }
    }
}
