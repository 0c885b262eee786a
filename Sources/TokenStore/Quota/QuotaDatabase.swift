import FoundationEssentials
import GRDB
import Glibc
import LarkAPI
import SystemPackage

/// The file that counts requests. It never waits for the disk: what a power cut takes from it is a minute's memory.
struct QuotaDatabase {
    private let path: FilePath
    private let queue: DatabaseQueue

    /// Opens it, makes it where it is missing, and anew where a power cut has spoilt it.
    ///
    /// - Throws: ``StoreError``.
    init(at path: FilePath) throws {
        self.path = path
        do {
            queue = try Self.open(path)
        } catch let error as StoreError where error.underlying is DatabaseError && error.isSpoilt {
            unlink(path.string)
            unlink(path.string + "-journal")
            queue = try Self.open(path)
        }
    }

    private static func open(_ path: FilePath) throws -> DatabaseQueue {
        try StoreFile.create(path)
        return try StoreError.translating(path) {
            var configuration = Configuration()
            configuration.label = "larkimg.quota"
            configuration.busyMode = .callback(Store.waitForOthers)
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA synchronous = OFF")
                _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = TRUNCATE")
            }
            let queue = try DatabaseQueue(path: path.string, configuration: configuration)
            let finding = try queue.read { try SchemaUpgrade.quotaLedger.inspect($0, path: path.string) }
            if finding != .upToDate { try SchemaUpgrade.quotaLedger.run(queue, path: path.string) }
            // The file is small. A page that is missing would show itself only when it is needed.
            let health = try queue.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
            guard health == "ok" else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: health) }
            return queue
        }
    }

    /// Reads a log, lets a body change it, and writes it, alone among all processes.
    ///
    /// - Throws: ``StoreError``.
    func change<Result: Sendable>(
        _ account: QuotaAccount, _ api: RateLimitedAPI, _ body: @escaping @Sendable (inout SlidingWindow) -> Result
    ) async throws -> Result {
        try await StoreError.translating(path) {
            try await queue.write { database in
                var log = try Self.log(account, api, in: database)
                let result = body(&log)
                let statement = try database.cachedStatement(
                    sql: """
                        INSERT INTO quota (host, app_id, tenant_key, api, epoch, paused_until, asked_at, fastest,
                            fastest_at, instants)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (host, app_id, tenant_key, api) DO UPDATE SET epoch = excluded.epoch,
                            paused_until = excluded.paused_until, asked_at = excluded.asked_at, fastest = excluded.fastest,
                            fastest_at = excluded.fastest_at,
                            instants = excluded.instants
                        """)
                try statement.execute(arguments: [
                    account.host, account.appID, account.tenantKey, api.rawValue, log.epoch, log.pausedUntil,
                    log.askedAt, log.minimumRoundTrip, log.fastestAt,
                    Self.data(log.instants),
                ])
                return result
            }
        }
    }

    /// A log as it stands.
    ///
    /// - Throws: ``StoreError``.
    func log(_ account: QuotaAccount, _ api: RateLimitedAPI) async throws -> SlidingWindow {
        try await StoreError.translating(path) {
            try await queue.read { try Self.log(account, api, in: $0) }
        }
    }

    /// The epoch of a log.
    ///
    /// - Throws: ``StoreError``.
    func epoch(_ account: QuotaAccount, _ api: RateLimitedAPI) async throws -> Int64 {
        try await StoreError.translating(path) {
            try await queue.read { database in
                let statement = try database.cachedStatement(
                    sql: "SELECT epoch FROM quota WHERE host = ? AND app_id = ? AND tenant_key = ? AND api = ?")
                return try Int64.fetchOne(
                    statement, arguments: [account.host, account.appID, account.tenantKey, api.rawValue]) ?? 0
            }
        }
    }

    private static func log(_ account: QuotaAccount, _ api: RateLimitedAPI, in database: Database) throws
        -> SlidingWindow
    {
        let statement = try database.cachedStatement(
            sql: """
                SELECT epoch, paused_until, asked_at, fastest, fastest_at, instants FROM quota
                WHERE host = ? AND app_id = ? AND tenant_key = ? AND api = ?
                """)
        let row = try Row.fetchOne(
            statement, arguments: [account.host, account.appID, account.tenantKey, api.rawValue])
        guard let row else { return SlidingWindow() }
        return SlidingWindow(
            instants: instants(row["instants"]), pausedUntil: row["paused_until"], epoch: row["epoch"],
            askedAt: row["asked_at"], minimumRoundTrip: row["fastest"], fastestAt: row["fastest_at"])
    }

    private static func data(_ instants: [Int64]) -> Data {
        Data(instants.flatMap { instant in withUnsafeBytes(of: instant.littleEndian) { Array($0) } })
    }

    private static func instants(_ data: Data) -> [Int64] {
        let bytes = Array(data)
        return stride(from: 0, to: bytes.count - bytes.count % 8, by: 8)
            .map { start in
                bytes[start..<start + 8].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
            }
    }
}

extension StoreError {
    /// Whether SQLite cannot make sense of the file.
    fileprivate var isSpoilt: Bool { code == .damaged || code == .foreignFile }
}
