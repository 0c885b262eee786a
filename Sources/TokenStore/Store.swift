import FoundationEssentials
import GRDB
import Glibc
public import LarkAPI
import SystemPackage

/// Apps, tenants and their tokens, sealed in one SQLite file that all processes of a user share.
///
/// `journal_mode=TRUNCATE`, `synchronous=FULL`: for processes that live for milliseconds the rollback journal opens
/// faster than WAL, and SQLite before 3.51.3 (Debian 12 has 3.40.1) can corrupt a WAL when it is reset.
public final class Store: Sendable {
    /// Whether a store that is not there is made.
    public enum OpenMode: Sendable {
        /// A missing store is an error that says how to make one.
        case existing
        /// Folder, key and store are made where they are missing.
        case createIfMissing
    }

    /// Where it lies.
    public let location: StoreLocation

    let queue: DatabaseQueue
    let sealer: Sealer
    let storeID: String
    let timing: Clocks

    /// Which file was opened; another one may have its name by now.
    private let identity: FileStatus.Identity?

    /// Opens a store.
    ///
    /// - Parameters:
    ///   - location: store and key.
    ///   - mode: what to do where there is none.
    ///   - timing: the clock for all that is written.
    /// - Throws: ``StoreError``, which names what is wrong with file, key or place; the file is left as it is then.
    public init(at location: StoreLocation, mode: OpenMode = .existing, timing: Clocks = .system) throws {
        self.location = location
        self.timing = timing
        switch mode {
        case .existing:
            // An empty file is what a first run leaves that died before it wrote anything.
            guard try StoreFile.check(location.store), FileStatus.of(location.store)?.size != 0 else {
                throw StoreError(
                    .unknownTenant, "there is no store at \(location.store)",
                    remedy: "Register a tenant first: larkimg tenant add NAME --app-id ID --app-secret-file FILE"
                )
            }
        case .createIfMissing:
            // The key first: a store never exists without the key that seals it.
            if FileStatus.of(location.store) == nil { _ = try KeyFile.readOrCreate(location.key) }
            try StoreFile.create(location.store)
        }
        identity = FileStatus.of(location.store)?.identity
        let key = try KeyFile.read(location.key)
        sealer = Sealer(key: key)
        (queue, storeID) = try StoreError.translating(location.store) {
            let queue = try Self.openQueue(location.store)
            return (queue, try Self.checkKey(queue, sealer: Sealer(key: key), location: location))
        }
    }

    private static func openQueue(_ path: FilePath) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "larkimg.store"
        configuration.busyMode = .callback(waitForOthers)
        configuration.prepareDatabase { database in
            // Another program's file is refused before any setting could change it. In one transaction: between two
            // looks of its own, another process's first run could make the schema.
            try database.inTransaction(.deferred) {
                _ = try SchemaUpgrade.store.inspect(database, path: path.string)
                return .commit
            }
            try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
            _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = TRUNCATE")
        }
        let queue = try DatabaseQueue(path: path.string, configuration: configuration)
        let finding = try queue.read { database in
            try checkLength(database, path)
            return try SchemaUpgrade.store.inspect(database, path: path.string)
        }
        if finding != .upToDate { try SchemaUpgrade.store.run(queue, path: path.string) }
        return queue
    }

    /// SQLite notices a missing page only when it needs it. Inside a transaction nobody changes the file's length.
    private static func checkLength(_ database: Database, _ path: FilePath) throws {
        let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        let pageSize = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
        guard let status = FileStatus.of(path), status.size >= pages * pageSize else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the file is cut short")
        }
    }

    /// SQLite asks again and again while others write: 5 to 25 ms each time, about 10 s in all.
    static func waitForOthers(attempt: Int) -> Bool {
        usleep(UInt32.random(in: 5_000...25_000))
        return attempt < 650
    }

    /// Proves that the key is this store's; the first run seals the proof.
    ///
    /// - Returns: the store's own id, which all seals name.
    private static func checkKey(_ queue: DatabaseQueue, sealer: Sealer, location: StoreLocation) throws -> String {
        let proof = Secret("larkimg")
        func row(_ database: Database) throws -> Row? {
            try Row.fetchOne(database, sql: "SELECT store_id, sealed FROM key_check")
        }
        let found =
            try queue.read(row)
            ?? queue.write { database in
                if let row = try row(database) { return row }
                let id = (0..<4).map { _ in String(UInt32.random(in: .min ... .max) | 0x1000_0000, radix: 16) }.joined()
                let sealed = Data(try sealer.seal(proof, for: .keyCheck(storeID: id)))
                try database.execute(
                    sql: "INSERT INTO key_check (id, store_id, sealed) VALUES (1, ?, ?)", arguments: [id, sealed])
                return try row(database)
            }
        guard let found else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        let id: String = found["store_id"]
        let sealed: Data = found["sealed"]
        guard (try? sealer.open(Array(sealed), at: .keyCheck(storeID: id))) == proof else {
            // A proof that does not open says just this; the seal's own error adds nothing.
            throw StoreError(
                .wrongKey, "the key \(location.key) is not the one \(location.store) was sealed with",
                remedy: "Name the right key in LARKIMG_KEY_FILE, or the right store with --store"
            )
        }
        return id
    }

    /// The wall clock in whole seconds, as the store counts.
    func now() -> Int64 { Int64(timing.now().timeIntervalSince1970.rounded(.down)) }

    /// Reads, in a transaction of its own.
    ///
    /// - Throws: ``StoreError``.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        let queue = queue
        return try await StoreError.translating(location.store) { try await queue.read(body) }
    }

    /// Writes, in an IMMEDIATE transaction: whoever is in it is alone, from its first read on.
    ///
    /// - Throws: ``StoreError``.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        let queue = queue
        return try await StoreError.translating(location.store) {
            try await queue.write { database in
                try self.checkIdentity()
                return try body(database)
            }
        }
    }

    /// What is written to a file that lost its name is lost, and SQLite would not notice.
    private func checkIdentity() throws {
        guard FileStatus.of(location.store)?.identity == identity else {
            throw StoreError(
                .unsafePlace, "\(location.store) was renamed or replaced while it was open",
                remedy: "Run this again; to move a store, use larkimg store backup"
            )
        }
    }
}
