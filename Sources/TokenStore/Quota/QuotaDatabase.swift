import Database
import Glibc
import LarkAPI
import SystemPackage

/// The file that counts requests. It never waits for the disk: a power cut loses the counts of a minute at most.
struct QuotaDatabase: Sendable {
    private let path: FilePath
    private let database: any SQLDatabase

    /// Opens the file, creates it if it is missing, and replaces it if a power cut has damaged it.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    static func open(at path: FilePath) async throws -> QuotaDatabase {
        do {
            return try await openOnce(path)
        } catch let error as StoreError where error.underlying is DatabaseError && error.isDamaged {
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
            // The file is small. A missing page would otherwise be noticed only when it is needed.
            if let problem = try await database.read({ try $0.integrityProblems(.quick).first }) {
                throw DatabaseError(.corrupt, problem)
            }
            return QuotaDatabase(path: path, database: database)
        }
    }

    /// Changes a window in one transaction.
    ///
    /// - Throws: ``StoreError``.
    func change<Result: Sendable>(
        _ account: QuotaAccount, _ api: RateLimitedAPI, _ body: @escaping @Sendable (inout SlidingWindow) -> Result
    ) async throws -> Result {
        try await StoreError.translating(path) {
            try await database.write { connection in
                var window = try Self.window(account, api, in: connection)
                let result = body(&window)
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
                return result
            }
        }
    }

    /// Reads a window.
    ///
    /// - Throws: ``StoreError``.
    func window(_ account: QuotaAccount, _ api: RateLimitedAPI) async throws -> SlidingWindow {
        try await StoreError.translating(path) {
            try await database.read { try Self.window(account, api, in: $0) }
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
    /// Whether the file cannot be read as a database.
    fileprivate var isDamaged: Bool { code == .damaged || code == .foreignFile }
}
