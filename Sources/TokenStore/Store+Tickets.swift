import Database
import FoundationEssentials
public import LarkAPI

/// The app_ticket of a store app, as the platform pushed it last.
struct AppTicket: Sendable {
    let secret: Secret
    /// In Unix microseconds; with it, each ticket is told from the next.
    let madeAt: Int64
}

extension Store {
    /// How long nobody asks for another ticket after somebody did: it was seen to come two minutes later.
    static let ticketRequestPause: Int64 = 120

    /// By how many seconds the platform's clock may be ahead of ours. A ticket from further ahead would stand in the
    /// way of all that come after it; so would an event about an installation.
    static let clockTolerance = 300.0

    /// Keeps a ticket that an operator gives. It is the newest, whatever clock the one before was made by.
    ///
    /// - Throws: ``StoreError`` `unknownApp`, and what writing throws.
    public func setTicket(_ ticket: Secret, of app: AppName) async throws {
        try await write { connection in
            let record = try self.app(app, in: connection)
            let last = try connection.row("SELECT made_at FROM app_ticket WHERE app = ?", [record.id])?
                .microseconds("made_at")
            let made = max(self.timing.now().microseconds, (last ?? 0) + 1)
            _ = try self.keep(ticket, made: made, of: record, in: connection)
        }
    }

    /// Keeps a ticket, unless a newer one is or was there, and lets tokens be asked for again at once.
    ///
    /// - Returns: whether it is the newest.
    func keep(_ ticket: Secret, madeAt: Date, of app: AppRecord, in connection: any SQLConnection) throws -> Bool {
        let latest = timing.now().addingTimeInterval(Self.clockTolerance)
        return try keep(ticket, made: min(madeAt, latest).microseconds, of: app, in: connection)
    }

    private func keep(_ ticket: Secret, made: Int64, of app: AppRecord, in connection: any SQLConnection) throws -> Bool
    {
        let place = SealContext.ticket(of: app, madeAt: made, storeID: storeID)
        let changed = try connection.execute(
            """
            INSERT INTO app_ticket (app, sealed_ticket, made_at, received_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (app) DO UPDATE SET sealed_ticket = excluded.sealed_ticket, made_at = excluded.made_at,
                received_at = excluded.received_at, asked_at = NULL
            WHERE excluded.made_at > app_ticket.made_at
            """,
            [app.id, try sealer.seal(ticket, for: place), made, now()])
        guard changed > 0 else { return false }
        try connection.execute("DELETE FROM renewal_failure WHERE app = ?", [app.id])
        return true
    }

    /// The ticket of a store app, if there is one.
    ///
    /// - Throws: ``StoreError`` `sealBroken`, and what reading throws.
    func ticket(of app: AppRecord) async throws -> AppTicket? {
        try await read { connection in
            let sql = "SELECT sealed_ticket, made_at FROM app_ticket WHERE app = ?"
            guard let row = try connection.row(sql, [app.id]),
                let sealed = try row["sealed_ticket"] as [UInt8]?
            else { return nil }
            let madeAt = try row.microseconds("made_at")
            let place = SealContext.ticket(of: app, madeAt: madeAt, storeID: self.storeID)
            return AppTicket(secret: try self.sealer.open(sealed, at: place), madeAt: madeAt)
        }
    }

    /// Drops a ticket that the platform refused; a newer one stays.
    ///
    /// - Throws: what writing throws.
    func drop(_ ticket: AppTicket, of app: AppRecord) async throws {
        try await write { connection in
            try connection.execute(
                "UPDATE app_ticket SET sealed_ticket = NULL WHERE app = ? AND made_at = ?",
                [app.id, ticket.madeAt])
        }
    }

    /// Takes the turn to ask the platform for another ticket; of many processes one gets it.
    ///
    /// - Returns: nil when the caller is to ask; else how many seconds ago another did.
    /// - Throws: what writing throws.
    func claimTicketRequest(of app: AppRecord) async throws -> Int64? {
        let now = now()
        return try await write { connection in
            let asked = try connection.row("SELECT asked_at FROM app_ticket WHERE app = ?", [app.id])?
                .optionalInstant("asked_at")?
                .seconds
            if let asked, (0..<Self.ticketRequestPause).contains(now - asked) { return now - asked }
            try connection.execute(
                """
                INSERT INTO app_ticket (app, asked_at) VALUES (?, ?)
                ON CONFLICT (app) DO UPDATE SET asked_at = excluded.asked_at
                """,
                [app.id, now])
            return nil
        }
    }

    /// Gives the turn back, since the request failed.
    ///
    /// - Throws: what writing throws.
    func releaseTicketRequest(of app: AppRecord) async throws {
        try await write { connection in
            try connection.execute("UPDATE app_ticket SET asked_at = NULL WHERE app = ?", [app.id])
        }
    }
}
