import Database
import FoundationEssentials
import LarkAPI

/// The calls that an app made in the present month, as far as they were counted in the store, and its quota.
public struct MonthCalls: Sendable, Hashable {
    /// The number of calls; of a process that was killed, those that it had not sent yet may be among them.
    public let calls: Int
    /// How many calls the app may make in a month, as the operator said; nil if that is not known.
    public let quota: Int?

    package init(calls: Int, quota: Int?) {
        self.calls = calls
        self.quota = quota
    }

    /// How many calls are left; nil if the quota is not known.
    public var left: Int? { quota.map { max($0 - calls, 0) } }
}

/// An app of a platform, whose calls are counted together whatever tenant and API they are for.
struct QuotaApp: Sendable, Hashable {
    let host: String
    let appID: String

    init(host: String, appID: String) {
        self.host = host
        self.appID = appID
    }

    init(_ app: AppCredentials) { self.init(host: app.host.origin, appID: app.appID.text) }

    init(_ app: AppRecord) { self.init(host: app.host.origin, appID: app.appID.text) }
}

/// Calls to add to the counts of months; negative numbers of calls that were counted and not made.
struct MonthChange: Sendable {
    private(set) var calls: [CalendarMonth: Int] = [:]

    /// Adds calls, each at an instant in milliseconds.
    mutating func add(_ instants: [Int64]) { change(instants, by: 1) }

    /// Takes calls back.
    mutating func remove(_ instants: [Int64]) { change(instants, by: -1) }

    /// Adds calls at one instant.
    mutating func add(_ count: Int, at instant: Int64) {
        calls[CalendarMonth(of: Date(milliseconds: instant)), default: 0] += count
    }

    private mutating func change(_ instants: [Int64], by step: Int) {
        for instant in instants { add(step, at: instant) }
    }
}

extension QuotaDatabase {
    /// Adds calls to the present month's, or takes them back.
    ///
    /// - Returns: the month's calls afterwards.
    /// - Throws: ``StoreError``.
    @discardableResult
    func add(_ count: Int, of app: QuotaApp, clocks: Clocks) async throws -> Int {
        try await write(app, clocks: clocks) { connection, now in
            var change = MonthChange()
            change.add(count, at: now)
            try Self.add(change, of: app, in: connection)
        }
    }

    /// Counts at least so many calls in the present month.
    ///
    /// - Throws: ``StoreError``.
    func raise(to count: Int, of app: QuotaApp, clocks: Clocks) async throws {
        _ = try await write(app, clocks: clocks) { connection, now in
            let calls = try Self.calls(of: app, at: now, in: connection)
            var change = MonthChange()
            change.add(max(count - calls, 0), at: now)
            try Self.add(change, of: app, in: connection)
        }
    }

    /// Reads the calls of the present month.
    ///
    /// - Throws: ``StoreError``.
    func calls(of apps: Set<QuotaApp>, clocks: Clocks) async throws -> [QuotaApp: Int] {
        try await StoreError.translating(name) {
            try await database.read { connection in
                let now = try connection.sharedClock() ?? clocks.now().milliseconds
                var calls: [QuotaApp: Int] = [:]
                for app in apps { calls[app] = try Self.calls(of: app, at: now, in: connection) }
                return calls
            }
        }
    }

    /// Counts at least as many calls in each month as another database.
    ///
    /// - Throws: ``StoreError``.
    func raise(toCountsOf other: QuotaDatabase) async throws {
        let rows = try await StoreError.translating(other.name) {
            try await other.database.read { try $0.rows("SELECT host, app_id, month, calls FROM month_calls") }
        }
        guard !rows.isEmpty else { return }
        try await StoreError.translating(name) {
            try await database.write { connection in
                for row in rows {
                    let key: [any SQLConvertible] = [
                        try row["host"] as String, try row["app_id"] as String, try row.count("month"),
                    ]
                    let calls = try row.count("calls")
                    try connection.execute(
                        """
                        INSERT INTO month_calls (host, app_id, month, calls) VALUES (?, ?, ?, ?)
                        ON CONFLICT (host, app_id, month) DO UPDATE SET calls = excluded.calls
                        WHERE month_calls.calls < excluded.calls
                        """,
                        key + [calls])
                }
            }
        }
    }

    private func write(
        _ app: QuotaApp, clocks: Clocks, _ body: @escaping @Sendable (any SQLConnection, Int64) throws -> Void
    ) async throws -> Int {
        try await StoreError.translating(name) {
            try await database.write(rowsOf: "month \(app.host) \(app.appID)") { connection in
                let now = try connection.sharedClock() ?? clocks.now().milliseconds
                try body(connection, now)
                return try Self.calls(of: app, at: now, in: connection)
            }
        }
    }

    static func calls(of app: QuotaApp, at now: Int64, in connection: any SQLConnection) throws -> Int {
        let calls: Int? = try connection.value(
            "SELECT calls FROM month_calls WHERE host = ? AND app_id = ? AND month = ?",
            [app.host, app.appID, CalendarMonth(of: Date(milliseconds: now)).number])
        return calls ?? 0
    }

    /// Changes the counts of months, in their order, so that two transactions cannot wait for each other.
    static func add(_ change: MonthChange, of app: QuotaApp, in connection: any SQLConnection) throws {
        for (month, calls) in change.calls.sorted(by: { $0.key < $1.key }) where calls != 0 {
            try connection.execute(
                """
                INSERT INTO month_calls (host, app_id, month, calls) VALUES (?, ?, ?, ?)
                ON CONFLICT (host, app_id, month) DO UPDATE SET calls = CASE
                    WHEN month_calls.calls + ? > 0 THEN month_calls.calls + ? ELSE 0 END
                """,
                [app.host, app.appID, month.number, max(calls, 0), calls, calls])
        }
    }
}
