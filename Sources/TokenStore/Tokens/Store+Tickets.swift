import Database
import FoundationEssentials
public import LarkAPI

/// The app_ticket of a store app that the platform pushed last.
struct AppTicket: Sendable {
    let secret: Secret
    /// In Unix microseconds. It identifies the ticket.
    let madeAt: Int64
}

extension Store {
    /// Seconds between two requests for a ticket: it was observed to arrive two minutes after the request.
    private static let ticketRequestInterval = 120.0

    /// By how many seconds the platform's clock may be ahead of ours. A ticket or an event from further ahead
    /// would be newer than all that follow.
    static let clockTolerance = 300.0

    /// Stores a ticket that an operator sets. It counts as newer than the one before.
    ///
    /// - Throws: ``StoreError`` `unknownApp`; errors of writing.
    public func setTicket(_ ticket: Secret, of app: AppName) async throws {
        try await write { connection in
            let record = try self.app(app, in: connection)
            let last = try connection.row("SELECT made_at FROM app_ticket WHERE app = ?", [record.id])?
                .microseconds("made_at")
            let made = max(self.timing.now().microseconds, (last ?? 0) + 1)
            _ = try self.keep(ticket, made: made, of: record, in: connection)
        }
    }

    /// Stores a ticket, unless there is or was a newer one, and ends the back-off of the app's tokens.
    ///
    /// - Returns: whether it is the newest.
    func keep(_ ticket: Secret, madeAt: Date, of app: AppRecord, in connection: any SQLConnection) throws -> Bool {
        let latest = timing.now().addingTimeInterval(Self.clockTolerance)
        return try keep(ticket, made: min(madeAt, latest).microseconds, of: app, in: connection)
    }

    private func keep(_ ticket: Secret, made: Int64, of app: AppRecord, in connection: any SQLConnection) throws -> Bool
    {
        let context = SealContext.ticket(of: app, madeAt: made, storeID: storeID)
        let changed = try connection.execute(
            """
            INSERT INTO app_ticket (app, sealed_ticket, made_at, received_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (app) DO UPDATE SET sealed_ticket = excluded.sealed_ticket, made_at = excluded.made_at,
                received_at = excluded.received_at, asked_at = NULL
            WHERE excluded.made_at > app_ticket.made_at
            """,
            [app.id, try sealer.seal(ticket, for: context), made, now()])
        guard changed > 0 else { return false }
        try connection.execute("DELETE FROM renewal_failure WHERE app = ?", [app.id])
        return true
    }

    /// Returns the ticket of a store app, if there is one.
    ///
    /// - Throws: ``StoreError`` `sealBroken`; errors of reading.
    func ticket(of app: AppRecord) async throws -> AppTicket? {
        try await read { connection in
            let sql = "SELECT sealed_ticket, made_at FROM app_ticket WHERE app = ?"
            guard let row = try connection.row(sql, [app.id]),
                let sealed = try row["sealed_ticket"] as [UInt8]?
            else { return nil }
            let madeAt = try row.microseconds("made_at")
            let context = SealContext.ticket(of: app, madeAt: madeAt, storeID: self.storeID)
            return AppTicket(secret: try self.sealer.open(sealed, at: context), madeAt: madeAt)
        }
    }

    /// Drops a ticket that the platform rejected; a newer one stays.
    ///
    /// - Throws: errors of writing.
    func drop(_ ticket: AppTicket, of app: AppRecord) async throws {
        try await write { connection in
            try connection.execute(
                "UPDATE app_ticket SET sealed_ticket = NULL WHERE app = ? AND made_at = ?",
                [app.id, ticket.madeAt])
        }
    }

    /// Claims the request for another ticket; of many processes one gets it.
    ///
    /// - Returns: nil if the caller is to send the request; else when another process did.
    /// - Throws: errors of writing.
    func claimTicketRequest(of app: AppRecord) async throws -> Date? {
        let now = Date(seconds: now())
        return try await write { connection in
            let requestedAt = try connection.row("SELECT asked_at FROM app_ticket WHERE app = ?", [app.id])?
                .optionalInstant("asked_at")
            if let requestedAt, requestedAt.isWithin(Self.ticketRequestInterval, before: now) { return requestedAt }
            try connection.execute(
                """
                INSERT INTO app_ticket (app, asked_at) VALUES (?, ?)
                ON CONFLICT (app) DO UPDATE SET asked_at = excluded.asked_at
                """,
                [app.id, now.seconds])
            return nil
        }
    }

    /// Releases the claim after a request that failed.
    ///
    /// - Throws: errors of writing.
    func releaseTicketRequest(of app: AppRecord) async throws {
        try await write { connection in
            try connection.execute("UPDATE app_ticket SET asked_at = NULL WHERE app = ?", [app.id])
        }
    }
}
