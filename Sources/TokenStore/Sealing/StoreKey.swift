import Database
import LarkAPI
import Migrations
import PosixFiles
import SystemPackage

/// The key of a store, and the row that proves it.
struct StoreKey: Sendable {
    let sealer: Sealer
    let check: KeyCheck

    var storeID: String { check.storeID }
    var authenticator: RowAuthenticator { RowAuthenticator(sealer: sealer, storeID: storeID) }

    init(sealer: Sealer, check: KeyCheck) {
        self.sealer = sealer
        self.check = check
    }

    /// Reads the key that a store was sealed with.
    ///
    /// A rotation gives the new key its name after the store was sealed with it, so for a moment, or after a crash in
    /// between, the key is in the file beside.
    ///
    /// - Throws: ``StoreError`` `wrongKey`, or an error of the key file.
    init(matching check: KeyCheck, at location: StoreLocation, hasAuthenticatedRows: Bool = true) throws {
        func matching(_ path: FilePath) throws -> StoreKey? {
            let sealer = Sealer(key: try KeyFile.read(path))
            return check.isOpened(by: sealer, hasAuthenticatedRows: hasAuthenticatedRows)
                ? StoreKey(sealer: sealer, check: check) : nil
        }
        let next = KeyFile.next(location.key)
        if let key = try matching(location.key) {
            self = key
        } else if FileStatus.of(next) != nil, let key = try? matching(next) {
            KeyRotation.finish(at: location) { try matching(next) != nil }
            self = key
        } else if let key = try matching(location.key) {
            // The rotation ended between the two looks.
            self = key
        } else {
            throw StoreError(
                .wrongKey, "the key \(location.key) is not the one \(location.name) was sealed with",
                remedy: Remedy("Use the key that belongs to the store", StoreAction.chooseKeyFile))
        }
    }

    /// Reads the key of a store that has one; nil for a new store.
    static func stored(in connection: any SQLConnection, location: StoreLocation) throws -> StoreKey? {
        try KeyCheck.stored(in: connection).map { try StoreKey(matching: $0, at: location) }
    }

    /// Reads the key of a store, seals a new store with it, and signs the rows of a store whose schema had no
    /// authentication codes.
    ///
    /// - Parameter version: the schema before the migration.
    /// - Throws: ``StoreError``; `DatabaseError`.
    static func established(
        in connection: any SQLConnection, from version: Int? = nil, location: StoreLocation
    ) throws -> StoreKey {
        guard let check = try KeyCheck.stored(in: connection) else {
            let sealer = Sealer(key: try KeyFile.read(location.key))
            let storeID = (0..<4).map { _ in String(UInt32.random(in: .min ... .max) | 0x1000_0000, radix: 16) }
                .joined()
            let check = try KeyCheck(sealing: storeID, with: sealer)
            try check.insert(in: connection)
            return StoreKey(sealer: sealer, check: check)
        }
        guard let version, version < Migration.authenticatedRows else {
            return try StoreKey(matching: check, at: location)
        }
        guard !check.isOpened(by: Sealer(key: try KeyFile.read(location.key))) else {
            throw StoreError(
                .sealBroken, "\(location.name) had authentication codes, which were removed outside larkimg",
                remedy: "Restore a backup")
        }
        let old = try StoreKey(matching: check, at: location, hasAuthenticatedRows: false)
        let key = StoreKey(sealer: old.sealer, check: try KeyCheck(sealing: check.storeID, with: old.sealer))
        try key.authenticator.signAll(replacing: nil, in: connection)
        try key.check.update(in: connection)
        return key
    }
}

/// The row that proves which key a store is sealed with.
struct KeyCheck: Sendable, Hashable {
    private static let value = Secret("larkimg")

    /// The store's id, which is part of every seal.
    let storeID: String
    let sealed: [UInt8]

    private init(storeID: String, sealed: [UInt8]) {
        self.storeID = storeID
        self.sealed = sealed
    }

    init(sealing storeID: String, with sealer: Sealer) throws {
        self.init(storeID: storeID, sealed: try sealer.seal(Self.value, for: .keyCheck(storeID: storeID)))
    }

    static func stored(in connection: any SQLConnection) throws -> KeyCheck? {
        try connection.row("SELECT store_id, sealed FROM key_check")
            .map { KeyCheck(storeID: try $0["store_id"], sealed: try $0["sealed"]) }
    }

    func insert(in connection: any SQLConnection) throws {
        try connection.execute("INSERT INTO key_check (id, store_id, sealed) VALUES (1, ?, ?)", [storeID, sealed])
    }

    func update(in connection: any SQLConnection) throws {
        try connection.execute("UPDATE key_check SET sealed = ?", [sealed])
    }

    func isOpened(by sealer: Sealer, hasAuthenticatedRows: Bool = true) -> Bool {
        let context = SealContext.keyCheck(storeID: storeID, hasAuthenticatedRows: hasAuthenticatedRows)
        return (try? sealer.open(sealed, at: context)) == Self.value
    }
}
