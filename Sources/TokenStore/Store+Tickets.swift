import FoundationEssentials
import GRDB
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
    /// way of all that come after it.
    private static let clockTolerance = 300.0

    /// Keeps a ticket that an operator gives. It is the newest, whatever clock the one before was made by.
    ///
    /// - Throws: ``StoreError`` `unknownApp`, and what writing throws.
    public func setTicket(_ ticket: Secret, of app: AppName) async throws {
        try await write { database in
            let record = try self.app(app, in: database)
            let last = try Int64.fetchOne(
                database, sql: "SELECT made_at FROM app_ticket WHERE app = ?", arguments: [record.id])
            let made = max(self.timing.now().microseconds, (last ?? 0) + 1)
            _ = try self.keep(ticket, made: made, of: record, in: database)
        }
    }

    /// Keeps a ticket, unless a newer one is or was there, and lets tokens be asked for again at once.
    ///
    /// - Returns: whether it is the newest.
    func keep(_ ticket: Secret, madeAt: Date, of app: AppRecord, in database: Database) throws -> Bool {
        let latest = timing.now().addingTimeInterval(Self.clockTolerance)
        return try keep(ticket, made: min(madeAt, latest).microseconds, of: app, in: database)
    }

    private func keep(_ ticket: Secret, made: Int64, of app: AppRecord, in database: Database) throws -> Bool {
        let place = SealContext.ticket(of: app, madeAt: made, storeID: storeID)
        try database.execute(
            sql: """
                INSERT INTO app_ticket (app, sealed_ticket, made_at, received_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (app) DO UPDATE SET sealed_ticket = excluded.sealed_ticket, made_at = excluded.made_at,
                    received_at = excluded.received_at, asked_at = NULL
                WHERE excluded.made_at > app_ticket.made_at
                """,
            arguments: [app.id, Data(try sealer.seal(ticket, for: place)), made, now()])
        guard database.changesCount > 0 else { return false }
        try database.execute(sql: "DELETE FROM renewal_failure WHERE app = ?", arguments: [app.id])
        return true
    }

    /// The ticket of a store app, if there is one.
    ///
    /// - Throws: ``StoreError`` `sealBroken`, and what reading throws.
    func ticket(of app: AppRecord) async throws -> AppTicket? {
        try await read { database in
            let sql = "SELECT sealed_ticket, made_at FROM app_ticket WHERE app = ?"
            guard let row = try Row.fetchOne(database, sql: sql, arguments: [app.id]),
                let sealed = row["sealed_ticket"] as Data?
            else { return nil }
            let madeAt: Int64 = row["made_at"]
            let place = SealContext.ticket(of: app, madeAt: madeAt, storeID: self.storeID)
            return AppTicket(secret: try self.sealer.open(Array(sealed), at: place), madeAt: madeAt)
        }
    }

    /// Drops a ticket that the platform refused; a newer one stays.
    ///
    /// - Throws: what writing throws.
    func drop(_ ticket: AppTicket, of app: AppRecord) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE app_ticket SET sealed_ticket = NULL WHERE app = ? AND made_at = ?",
                arguments: [app.id, ticket.madeAt])
        }
    }

    /// Takes the turn to ask the platform for another ticket; of many processes one gets it.
    ///
    /// - Returns: nil when the caller is to ask; else how many seconds ago another did.
    /// - Throws: what writing throws.
    func claimTicketRequest(of app: AppRecord) async throws -> Int64? {
        let now = now()
        return try await write { database in
            let asked = try Int64.fetchOne(
                database, sql: "SELECT asked_at FROM app_ticket WHERE app = ?", arguments: [app.id])
            if let asked, (0..<Self.ticketRequestPause).contains(now - asked) { return now - asked }
            try database.execute(
                sql: """
                    INSERT INTO app_ticket (app, asked_at) VALUES (?, ?)
                    ON CONFLICT (app) DO UPDATE SET asked_at = excluded.asked_at
                    """,
                arguments: [app.id, now])
            return nil
        }
    }

    /// Gives the turn back, since the request failed.
    ///
    /// - Throws: what writing throws.
    func releaseTicketRequest(of app: AppRecord) async throws {
        try await write { database in
            try database.execute(sql: "UPDATE app_ticket SET asked_at = NULL WHERE app = ?", arguments: [app.id])
        }
    }
}

extension Date {
    /// The store's instants of events: whole Unix microseconds.
    init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1e6) }

    var microseconds: Int64 { Int64(clampedExactly: (timeIntervalSince1970 * 1e6).rounded(.down)) }
}

extension Int64 {
    /// A number that may be too large, or none at all.
    fileprivate init(clampedExactly number: Double) {
        self = Int64(exactly: number) ?? (number > 0 ? .max : 0)
    }
}
