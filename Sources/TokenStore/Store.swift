import Database
import FoundationEssentials
public import LarkAPI
import PosixFiles
import SystemPackage

/// Apps, tenants and their tokens, sealed in one database file that all processes of a user share.
public final class Store: Sendable {
    /// What happens when the store does not exist.
    public enum OpenMode: Sendable {
        /// Opening throws ``StoreError`` `unknownTenant`.
        case existing
        /// Directories, key and store are created.
        case createIfMissing
    }

    /// The store's files.
    public let location: StoreLocation

    let database: any SQLDatabase
    let sealer: Sealer
    let storeID: String
    package let timing: Clocks

    /// The file that was opened; another one may have its name by now.
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
    ///   - location: the store and its key.
    ///   - mode: what happens when the store does not exist.
    ///   - timing: the clock for stored instants.
    /// - Throws: ``StoreError``, and the file is not changed then; `CancellationError`.
    public static func open(
        at location: StoreLocation, mode: OpenMode = .existing, timing: Clocks = .system
    ) async throws -> Store {
        switch mode {
        case .existing:
            // A process that dies while it creates the store leaves an empty file.
            guard try StoreFile.check(location.store), FileStatus.of(location.store)?.size != 0 else {
                throw StoreError(
                    .unknownTenant, "there is no store at \(location.store)",
                    remedy: Remedy("", StoreAction.registerTenant(nil))
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
            let storeID = try await checkKey(database, sealer: sealer, location: location)
            try StoreFile.makePrivate(location.store)
            return Store(
                location: location, timing: timing, database: database, sealer: sealer, storeID: storeID,
                identity: identity)
        }
    }

    /// Checks that the store was sealed with this key. In a new store, records that it is.
    ///
    /// - Returns: the store's id, which is part of every seal.
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
            throw StoreError(
                .wrongKey, "the key \(location.key) is not the one \(location.store) was sealed with",
                remedy: Remedy("Use the key that belongs to the store", StoreAction.chooseKeyFile)
            )
        }
        return found.storeID
    }

    /// The current time in Unix seconds.
    func now() -> Int64 { Int64(timing.now().timeIntervalSince1970.rounded(.down)) }

    /// Runs a body in a transaction that reads.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    func read<Value: Sendable>(_ body: @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await StoreError.translating(location.store) { try await database.read(body) }
    }

    /// Runs a body in a transaction that holds the write lock from its start.
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

    /// A write to a file that lost its name would be lost without an error.
    private func checkIdentity() throws {
        guard FileStatus.of(location.store)?.identity == identity else {
            throw StoreError(
                .replaced, "\(location.store) was renamed or replaced while it was open",
                remedy: Remedy("Run this again. To move a store, copy it with a backup", StoreAction.backUpStore)
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
