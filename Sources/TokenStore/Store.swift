import Database
import FoundationEssentials
public import LarkAPI
import PosixFiles
import SystemPackage

/// Apps, tenants and their tokens, sealed in one database file that all processes of a user share.
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

    let database: any SQLDatabase
    let sealer: Sealer
    let storeID: String
    package let timing: Clocks

    /// Which file was opened; another one may have its name by now.
    private let identity: FileStatus.Identity?

    private init(
        location: StoreLocation, timing: Clocks, database: any SQLDatabase, sealer: Sealer, storeID: String,
        identity: FileStatus.Identity?
    ) {
        self.location = location
        self.timing = timing
        self.database = database
        self.sealer = sealer
        self.storeID = storeID
        self.identity = identity
    }

    /// Opens a store.
    ///
    /// - Parameters:
    ///   - location: store and key.
    ///   - mode: what to do where there is none.
    ///   - timing: the clock for all that is written.
    /// - Throws: ``StoreError``, which names what is wrong with file, key or place; the file is left as it is then.
    ///   `CancellationError`.
    public static func open(
        at location: StoreLocation, mode: OpenMode = .existing, timing: Clocks = .system
    ) async throws -> Store {
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
        let identity = FileStatus.of(location.store)?.identity
        let sealer = Sealer(key: try KeyFile.read(location.key))
        return try await StoreError.translating(location.store) {
            let database = try await SchemaUpgrade.store.open(DatabaseFile(location.store))
            return Store(
                location: location, timing: timing, database: database, sealer: sealer,
                storeID: try await checkKey(database, sealer: sealer, location: location), identity: identity)
        }
    }

    /// Proves that the key is this store's; the first run seals the proof.
    ///
    /// - Returns: the store's own id, which all seals name.
    private static func checkKey(
        _ database: any SQLDatabase, sealer: Sealer, location: StoreLocation
    ) async throws -> String {
        let proof = Secret("larkimg")
        let found: KeyCheck
        if let known = try await database.read({ try KeyCheck.stored(in: $0) }) {
            found = known
        } else {
            found = try await database.write { connection in
                if let known = try KeyCheck.stored(in: connection) { return known }
                let id = (0..<4).map { _ in String(UInt32.random(in: .min ... .max) | 0x1000_0000, radix: 16) }.joined()
                let sealed = try sealer.seal(proof, for: .keyCheck(storeID: id))
                try connection.execute("INSERT INTO key_check (id, store_id, sealed) VALUES (1, ?, ?)", [id, sealed])
                return KeyCheck(storeID: id, sealed: sealed)
            }
        }
        guard (try? sealer.open(found.sealed, at: .keyCheck(storeID: found.storeID))) == proof else {
            // A proof that does not open says just this; the seal's own error adds nothing.
            throw StoreError(
                .wrongKey, "the key \(location.key) is not the one \(location.store) was sealed with",
                remedy: "Name the right key in LARKIMG_KEY_FILE, or the right store with --store"
            )
        }
        return found.storeID
    }

    /// The wall clock in whole seconds, as the store counts.
    func now() -> Int64 { Int64(timing.now().timeIntervalSince1970.rounded(.down)) }

    /// Reads, in a transaction of its own.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    func read<Value: Sendable>(_ body: @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await StoreError.translating(location.store) { try await database.read(body) }
    }

    /// Writes, in a transaction that excludes other writers from its first read on.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    @discardableResult
    func write<Value: Sendable>(_ body: @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await StoreError.translating(location.store) {
            try await database.write { connection in
                try self.checkIdentity()
                return try body(connection)
            }
        }
    }

    /// What is written to a file that lost its name is lost, and the database would not notice.
    private func checkIdentity() throws {
        guard FileStatus.of(location.store)?.identity == identity else {
            throw StoreError(
                .unsafePlace, "\(location.store) was renamed or replaced while it was open",
                remedy: "Run this again; to move a store, use larkimg store backup"
            )
        }
    }
}

/// The row that proves which key a store was sealed with.
private struct KeyCheck {
    let storeID: String
    let sealed: [UInt8]

    static func stored(in connection: any SQLConnection) throws -> KeyCheck? {
        try connection.row("SELECT store_id, sealed FROM key_check")
            .map { KeyCheck(storeID: try $0["store_id"], sealed: try $0["sealed"]) }
    }
}
