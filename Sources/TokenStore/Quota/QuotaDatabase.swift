import Database
import Glibc
import LarkAPI
import SystemPackage

/// The file that counts requests. It never waits for the disk: what a power cut takes from it is a minute's memory.
struct QuotaDatabase: Sendable {
    private let path: FilePath
    private let database: any SQLDatabase

    /// Opens it, makes it where it is missing, and replaces it where a power cut has damaged it.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    static func open(at path: FilePath) async throws -> QuotaDatabase {
        do {
            return try await openOnce(path)
        } catch let error as StoreError where error.underlying is DatabaseError && error.isSpoilt {
            unlink(path.string)
            unlink(path.string + "-journal")
            return try await openOnce(path)
        }
    }

    private static func openOnce(_ path: FilePath) async throws -> QuotaDatabase {
        try StoreFile.create(path)
        return try await StoreError.translating(path) {
            let file = DatabaseFile(path, durability: .none, overwritesDeletedRows: false)
            let database = try await SchemaUpgrade.quotaLedger.open(file)
            try StoreFile.makePrivate(path)
            // The file is small. A page that is missing would show itself only when it is needed.
            if let problem = try await database.read({ try $0.integrityProblems(.quick).first }) {
                throw DatabaseError(.corrupt, problem)
            }
            return QuotaDatabase(path: path, database: database)
        }
    }

    /// Reads a log, lets a body change it, and writes it, alone among all processes.
    ///
    /// - Throws: ``StoreError``.
    func change<Result: Sendable>(
        _ account: QuotaAccount, _ api: RateLimitedAPI, _ body: @escaping @Sendable (inout SlidingWindow) -> Result
    ) async throws -> Result {
        try await StoreError.translating(path) {
            try await database.write { connection in
                var log = try Self.log(account, api, in: connection)
                let result = body(&log)
                try connection.execute(
                    """
                    INSERT INTO quota (host, app_id, tenant_key, api, epoch, paused_until, asked_at, fastest,
                        fastest_at, instants)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (host, app_id, tenant_key, api) DO UPDATE SET epoch = excluded.epoch,
                        paused_until = excluded.paused_until, asked_at = excluded.asked_at, fastest = excluded.fastest,
                        fastest_at = excluded.fastest_at, instants = excluded.instants
                    """,
                    [
                        account.host, account.appID, account.tenantKey, api.rawValue, log.epoch, log.pausedUntil,
                        log.askedAt, log.minimumRoundTrip, log.fastestAt, Self.bytes(log.instants),
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
            try await database.read { try Self.log(account, api, in: $0) }
        }
    }

    /// The epoch of a log.
    ///
    /// - Throws: ``StoreError``.
    func epoch(_ account: QuotaAccount, _ api: RateLimitedAPI) async throws -> Int64 {
        try await log(account, api).epoch
    }

    private static func log(
        _ account: QuotaAccount, _ api: RateLimitedAPI, in connection: any SQLConnection
    ) throws -> SlidingWindow {
        let row = try connection.row(
            """
            SELECT epoch, paused_until, asked_at, fastest, fastest_at, instants FROM quota
            WHERE host = ? AND app_id = ? AND tenant_key = ? AND api = ?
            """,
            [account.host, account.appID, account.tenantKey, api.rawValue])
        guard let row else { return SlidingWindow() }
        do {
            return SlidingWindow(
                instants: try instants(row["instants"]), pausedUntil: try row.count("paused_until"),
                epoch: try row.count("epoch"), askedAt: try row.count("asked_at"),
                minimumRoundTrip: try row["fastest"] == Int64.max ? .max : row.count("fastest"),
                fastestAt: try row.count("fastest_at"))
        } catch let error as DatabaseError where error.code == .invalidColumn {
            // A damaged row is worth no more than the minute that a power cut takes.
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
    /// Whether the file cannot be read as a database.
    fileprivate var isSpoilt: Bool { code == .damaged || code == .foreignFile }
}
