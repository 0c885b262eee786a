import Database
import FoundationEssentials
public import LarkAPI
import PosixFiles
import Synchronization
import SystemPackage

/// Apps, tenants and their tokens, sealed in one database: a file that all processes of a user share, or a server that
/// many hosts share.
public final class Store: Sendable {
    /// What happens when the store does not exist.
    public enum OpenMode: Sendable {
        /// Opening throws ``StoreError`` `unknownTenant`.
        case existing
        /// Directories, key and store are created.
        case createIfMissing
    }

    /// Where the store and its key are.
    public let location: StoreLocation

    let database: any SQLDatabase
    /// The counts of requests.
    let ledger: QuotaLedger
    package let timing: Clocks
    let secrets: SecretResolver

    /// The file that was opened; another one may have its name by now.
    private let identity: FileStatus.Identity?
    private let identityCheckedAt: Mutex<Date>

    /// The key that the store is sealed with; another process may replace it.
    private let currentKey: Mutex<StoreKey>

    init(
        location: StoreLocation, timing: Clocks, secrets: SecretResolver, database: any SQLDatabase, key: StoreKey,
        identity: FileStatus.Identity?
    ) {
        self.location = location
        self.timing = timing
        self.secrets = secrets
        self.database = database
        ledger = QuotaLedger(location: location, storeDatabase: database)
        self.identity = identity
        identityCheckedAt = Mutex(timing.now())
        currentKey = Mutex(key)
    }

    /// Opens a store.
    ///
    /// - Parameters:
    ///   - location: the store and its key.
    ///   - mode: what happens when the store does not exist.
    ///   - timing: the clock for stored instants.
    ///   - secrets: reads app_secrets that the store has only references to.
    /// - Throws: ``StoreError``, and the file is not changed then; `CancellationError`.
    public static func open(
        at location: StoreLocation, mode: OpenMode = .existing, timing: Clocks = .system,
        secrets: SecretResolver = .system
    ) async throws -> Store {
        if let server = location.server {
            return try await open(on: server, location, mode: mode, timing: timing, secrets: secrets)
        }
        switch mode {
        case .existing:
            // A process that dies while it creates the store leaves an empty file.
            guard try StoreFile.check(location.store), FileStatus.of(location.store)?.size != 0 else {
                throw missing(location)
            }
        case .createIfMissing:
            // The key first: a store never exists without the key that seals it.
            if FileStatus.of(location.store) == nil { _ = try KeyFile.readOrCreate(location.key) }
            try StoreFile.create(location.store)
        }
        let identity = FileStatus.of(location.store)?.identity
        // Before the database is opened: without a key nothing is written.
        _ = try KeyFile.read(location.key)
        return try await StoreError.translating(location.name) {
            let database = try await SchemaUpgrade.store.open(DatabaseFile(location.store)) { connection, version in
                _ = try StoreKey.established(in: connection, from: version, location: location)
            }
            let found = try await database.read { try StoreKey.stored(in: $0, location: location) }
            let key =
                if let found { found } else {
                    try await database.write { try StoreKey.established(in: $0, location: location) }
                }
            try StoreFile.makePrivate(location.store)
            return Store(
                location: location, timing: timing, secrets: secrets, database: database, key: key, identity: identity)
        }
    }

    static func missing(_ location: StoreLocation) -> StoreError {
        StoreError(
            .unknownTenant, "there is no store at \(location.name)",
            remedy: Remedy("", StoreAction.registerTenant(nil)))
    }

    /// The key of the transaction that is running, or of the last one.
    var key: StoreKey { currentKey.withLock { $0 } }
    var sealer: Sealer { key.sealer }
    var storeID: String { key.storeID }
    var authenticator: RowAuthenticator { key.authenticator }

    /// The current time in Unix seconds.
    func now() -> Int64 { Int64(timing.now().timeIntervalSince1970.rounded(.down)) }

    /// Runs a body in a transaction that reads.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    func read<Value: Sendable>(_ body: @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await StoreError.translating(location.name) {
            try await database.read { connection in
                try self.checkIdentityIfDue()
                try self.followKey(in: connection)
                return try body(connection)
            }
        }
    }

    /// Runs a body in a transaction that holds the write lock from its start.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    @discardableResult
    func write<Value: Sendable>(_ body: @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await StoreError.translating(location.name) {
            try await database.write { connection in
                try self.checkIdentity()
                try self.followKey(in: connection)
                return try body(connection)
            }
        }
    }

    /// Uses the key that the store is sealed with now, if another process replaced it.
    private func followKey(in connection: any SQLConnection) throws {
        let known = key.check
        guard let check = try KeyCheck.stored(in: connection) else {
            throw DatabaseError(.corrupt, "the row of key_check is missing")
        }
        if check != known { setKey(try StoreKey(matching: check, at: location)) }
    }

    /// Uses a key from now on.
    func setKey(_ key: StoreKey) { currentKey.withLock { $0 = key } }
}

extension Store {
    /// Whether the store's file was renamed or replaced since it was opened, for example by a restored backup. Reads and
    /// writes throw ``StoreError`` `replaced` then, reads after a second at the latest; the store must be opened again.
    /// A store on a server never is.
    public var isReplaced: Bool { location.server == nil && FileStatus.of(location.store)?.identity != identity }

    /// How old a check may be when the store is read, in seconds.
    private static let identityCheckInterval = 1.0

    /// A check that failed is due again at once: no later read may succeed.
    private func checkIdentityIfDue() throws {
        let now = timing.now()
        let checkedAt = identityCheckedAt.withLock { $0 }
        guard !(0..<Self.identityCheckInterval).contains(now.timeIntervalSince(checkedAt)) else { return }
        try checkIdentity()
        identityCheckedAt.withLock { $0 = now }
    }

    /// A write to a file that lost its name would be lost without an error, and a read would return old data.
    package func checkIdentity() throws {
        guard isReplaced else { return }
        throw StoreError(
            .replaced, "\(location.store) was renamed or replaced while it was open",
            remedy: Remedy("Run this again. To move a store, copy it with a backup", StoreAction.backUpStore))
    }

    /// Checks that the store can be read, for a readiness probe.
    ///
    /// - Throws: ``StoreError``.
    package func proveReadable() async throws {
        _ = try await read { _ in try self.checkIdentity() }
    }
}
