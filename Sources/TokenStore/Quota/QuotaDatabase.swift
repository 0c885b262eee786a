import Database
import FoundationEssentials
import LarkAPI
import PosixFiles
import SystemPackage

/// The counts of requests: a file of their own, or tables on the store's server. They never wait for the disk: a power cut
/// may lose the file with its counts, and on a server those of the last second.
struct QuotaDatabase: Sendable {
    /// The path of the file, or the URL of the server.
    let name: String
    let database: any SQLDatabase

    /// Uses the tables of a store on a server.
    init(on database: any SQLDatabase, name: String) {
        self.name = name
        self.database = database
    }

    /// Opens the file, creates it if it is missing, and replaces it if a power failure damaged it. Another program's file
    /// is not changed.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    static func open(at path: FilePath) async throws -> QuotaDatabase {
        do {
            return try await openOnce(path)
        } catch let error as StoreError where error.isDamage && isOurs(path) {
            _ = try? path.removeFile()
            _ = try? FilePath(path.string + "-journal").removeFile()
            return try await openOnce(path)
        }
    }

    /// Whether a damaged file is a quota database: by the application id in its header (sqlite.org, "Database File
    /// Format", 1.3), or because it has no content but zeros.
    private static func isOurs(_ path: FilePath) -> Bool {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec]) else {
            return false
        }
        defer { try? file.close() }
        guard let bytes = try? file.readAll(upTo: 1 << 24) else { return false }
        if bytes.allSatisfy({ $0 == 0 }) { return true }
        let id = bytes.dropFirst(68).prefix(4).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return bytes.starts(with: "SQLite format 3\0".utf8) && id == Int64(SchemaUpgrade.quotaLedger.applicationID)
    }

    private static func openOnce(_ path: FilePath) async throws -> QuotaDatabase {
        try StoreFile.create(path)
        return try await StoreError.translating(path.string) {
            let file = DatabaseFile(path, durability: .none, overwritesDeletedRows: false)
            let database = try await SchemaUpgrade.quotaLedger.open(file)
            try StoreFile.makePrivate(path)
            // The file is small. A missing page would otherwise be noticed only when it is needed.
            if let problem = try await database.read({ try $0.integrityProblems(.quick).first }) {
                throw DatabaseError(.corrupt, problem)
            }
            return QuotaDatabase(on: database, name: path.string)
        }
    }

    /// Changes a window in one transaction.
    ///
    /// - Parameters:
    ///   - clocks: the clock of a file; a server has its own.
    ///   - body: gets the window and the time.
    /// - Throws: ``StoreError``.
    func change<Result: Sendable>(
        _ account: QuotaAccount, _ api: RateLimitedAPI, clocks: Clocks,
        _ body: @escaping @Sendable (inout SlidingWindow, Int64) -> Result
    ) async throws -> Result {
        try await change(counting: account, api, clocks: clocks) { window, _, now in body(&window, now) }.result
    }

    /// Changes a window and the month's calls in one transaction.
    ///
    /// - Parameters:
    ///   - clocks: the clock of a file; a server has its own.
    ///   - body: gets the window, the calls to add, and the time.
    /// - Returns: the result of the body, and how many calls are left of the month's quota; nil if it is not known.
    /// - Throws: ``StoreError``.
    func change<Result: Sendable>(
        counting account: QuotaAccount, _ api: RateLimitedAPI, clocks: Clocks,
        _ body: @escaping @Sendable (inout SlidingWindow, inout MonthChange, Int64) -> Result
    ) async throws -> (result: Result, monthLeft: Int?) {
        try await StoreError.translating(name) {
            try await database.write(rowsOf: "quota \(account) \(api.rawValue)") { connection in
                var window = try Self.window(account, api, in: connection)
                var calls = MonthChange()
                let now = try connection.sharedClock() ?? clocks.now().milliseconds
                let result = body(&window, &calls, now)
                // Earlier releases read fastest and fastest_at: the largest integer means that they know nothing.
                try connection.execute(
                    """
                    INSERT INTO quota (host, app_id, tenant_key, api, epoch, paused_until, asked_at, fastest,
                        fastest_at, instants)
                    VALUES (?, ?, ?, ?, ?, ?, ?, \(Int64.max), 0, ?)
                    ON CONFLICT (host, app_id, tenant_key, api) DO UPDATE SET epoch = excluded.epoch,
                        paused_until = excluded.paused_until, asked_at = excluded.asked_at, instants = excluded.instants
                    """,
                    [
                        account.host, account.appID, account.tenantKey, api.rawValue, window.epoch, window.pausedUntil,
                        window.usedAt, Self.bytes(window.instants),
                    ])
                // Last, since the app's other tenants and APIs wait for this row on a server.
                try Self.add(calls, of: account.app, in: connection)
                guard let quota = account.monthQuota else { return (result, nil) }
                return (result, quota - (try Self.calls(of: account.app, at: now, in: connection)))
            }
        }
    }

    /// Reads a window.
    ///
    /// - Throws: ``StoreError``.
    func window(_ account: QuotaAccount, _ api: RateLimitedAPI) async throws -> SlidingWindow {
        try await StoreError.translating(name) {
            try await database.read { try Self.window(account, api, in: $0) }
        }
    }

    /// Counts the requests of the last minute of many accounts, in one transaction.
    ///
    /// - Throws: ``StoreError``.
    func uses(
        of accounts: Set<QuotaAccount>, clocks: Clocks
    ) async throws -> [QuotaAccount: [RateLimitedAPI: QuotaUse]] {
        try await StoreError.translating(name) {
            try await database.read { connection in
                let now = try connection.sharedClock() ?? clocks.now().milliseconds
                var uses: [QuotaAccount: [RateLimitedAPI: QuotaUse]] = [:]
                for account in accounts {
                    for api in RateLimitedAPI.allCases {
                        let window = try Self.window(account, api, in: connection)
                        uses[account, default: [:]][api] = QuotaUse(
                            requests: window.count(at: now),
                            pausedUntil: window.pausedUntil > now ? Date(milliseconds: window.pausedUntil) : nil)
                    }
                }
                return uses
            }
        }
    }

    private static func window(
        _ account: QuotaAccount, _ api: RateLimitedAPI, in connection: any SQLConnection
    ) throws -> SlidingWindow {
        let row = try connection.row(
            """
            SELECT epoch, paused_until, asked_at, instants FROM quota
            WHERE host = ? AND app_id = ? AND tenant_key = ? AND api = ?
            """,
            [account.host, account.appID, account.tenantKey, api.rawValue])
        guard let row else { return SlidingWindow() }
        do {
            return SlidingWindow(
                instants: try instants(row["instants"]), pausedUntil: try row.count("paused_until"),
                epoch: try row.count("epoch"), usedAt: try row.count("asked_at"))
        } catch let error as DatabaseError where error.code == .invalidColumn {
            // A damaged row is replaced: it holds the counts of a minute at most.
            return SlidingWindow()
        }
    }

    private static func bytes(_ instants: [Int64]) -> [UInt8] {
        instants.flatMap { instant in withUnsafeBytes(of: instant.littleEndian) { Array($0) } }
    }

    private static func instants(_ bytes: [UInt8]) throws -> [Int64] {
        let instants = stride(from: 0, to: bytes.count - bytes.count % 8, by: 8)
            .map { start in bytes[start..<start + 8].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) } }
        guard instants.allSatisfy({ (0...1 << 53).contains($0) }) else {
            throw DatabaseError(.invalidColumn, "column instants holds a number that is out of range")
        }
        return instants
    }
}

extension StoreError {
    /// Whether the file cannot be read as a quota database.
    fileprivate var isDamage: Bool { code == .damaged || code == .foreignFile }
}
