import Crypto
import Database
import LarkAPI
import PosixFiles
import SystemPackage

/// Replaces the key of a store.
///
/// The new key is first written beside the old one. One transaction then seals everything with it; after the commit it
/// gets the old key's name. After a crash at any point the store opens with one of the two files, and the next process
/// that opens it completes the renaming. Processes that have the store open read the new key with their next
/// transaction.
enum KeyRotation {
    private static let lockName = "rotate-key.lock"

    /// Gives the new key its name, unless a rotation is running.
    ///
    /// - Parameter isNextKey: whether the file beside the key is the key of the store.
    static func finish(at location: StoreLocation, isNextKey: () throws -> Bool) {
        // A key that cannot be renamed, such as a systemd credential, is read from the file beside it.
        guard let lock = try? ProcessLock(lockName, in: location.locks) else { return }
        defer { lock.release() }
        guard lock.tryAcquire(), (try? isNextKey()) == true else { return }
        try? KeyFile.replace(location.key, by: KeyFile.next(location.key))
    }

    /// Runs a body while no other process rotates the key.
    ///
    /// - Throws: ``StoreError`` `busy`, or the body's errors.
    fileprivate static func locked<Value>(
        at location: StoreLocation, _ body: () async throws -> Value
    ) async throws -> Value {
        let lock = try ProcessLock(lockName, in: location.locks)
        defer { lock.release() }
        guard lock.tryAcquire() else {
            throw StoreError(
                .busy, "the key of \(location.name) is being replaced by another process", remedy: "Run this again")
        }
        return try await body()
    }
}

extension Store {
    /// Replaces the key, and seals everything with the new one. Backups made before still need the old key.
    ///
    /// - Returns: the number of sealed values and rows that were damaged before, and still are.
    /// - Throws: ``StoreError``, `cannotCreate` when the key file cannot be written; `CancellationError`.
    @discardableResult
    public func rotateKey() async throws -> Int {
        let location = location
        return try await KeyRotation.locked(at: location) {
            let next = KeyFile.next(location.key)
            let check = try await read { _ in self.key.check }
            if !check.isOpened(by: Sealer(key: try KeyFile.read(location.key))) {
                // An interrupted rotation left the store's key in the file beside.
                try KeyFile.replace(location.key, by: next)
            }
            try KeyFile.createNext(beside: location.key)
            let damaged = try await write { connection in
                let old = self.key
                let sealer = Sealer(key: try KeyFile.read(next))
                let new = StoreKey(sealer: sealer, check: try KeyCheck(sealing: old.storeID, with: sealer))
                let damaged = try Self.reseal(from: old, to: new, in: connection)
                try new.check.update(in: connection)
                return damaged
            }
            try KeyFile.replace(location.key, by: next)
            // The next transaction finds the new key.
            return damaged
        }
    }

    /// A column of sealed values, with the context of each.
    private struct SealedColumn {
        let table: String
        let column: String
        let context: (SQLRow, AppRecord) throws -> SealContext
    }

    private static func sealedColumns(storeID: String) -> [SealedColumn] {
        [
            SealedColumn(table: "app", column: "sealed_secret") { .secret(of: $1, storeID: storeID) },
            SealedColumn(table: "app", column: EventSetting.verificationToken.column) {
                .eventSetting(.verificationToken, of: $1, storeID: storeID)
            },
            SealedColumn(table: "app", column: EventSetting.encryptKey.column) {
                .eventSetting(.encryptKey, of: $1, storeID: storeID)
            },
            SealedColumn(table: "app_ticket", column: "sealed_ticket") {
                .ticket(of: $1, madeAt: try $0["made_at"], storeID: storeID)
            },
            SealedColumn(table: "token", column: "sealed_token") {
                .token(
                    of: $1, tenantKey: try $0["tenant_key"], obtainedAt: try $0["obtained_at"],
                    expiresAt: try $0["expires_at"], storeID: storeID)
            },
        ]
    }

    /// Seals every value with another key, and signs every row with it.
    ///
    /// - Returns: the number of values and rows that are not intact.
    private static func reseal(from old: StoreKey, to new: StoreKey, in connection: any SQLConnection) throws -> Int {
        var damaged = 0
        for row in try connection.rows("SELECT \(appColumns) FROM app") {
            guard let app = try? Self.app(in: row) else {
                damaged += 1
                continue
            }
            for column in sealedColumns(storeID: old.storeID) {
                damaged += try reseal(column, of: app, from: old.sealer, to: new.sealer, in: connection)
            }
        }
        damaged += try new.authenticator.signAll(replacing: old.authenticator, in: connection)
        return damaged
    }

    private static func reseal(
        _ column: SealedColumn, of app: AppRecord, from old: Sealer, to new: Sealer, in connection: any SQLConnection
    ) throws -> Int {
        var damaged = 0
        let key = column.table == "token" ? "tenant_key" : "''"
        let match = column.table == "app" ? "id = ?" : "app = ?"
        let sql = "SELECT *, \(key) AS row_key FROM \(column.table) WHERE \(match) AND \(column.column) IS NOT NULL"
        for row in try connection.rows(sql, [app.id]) {
            let rowKey: String = try row["row_key"]
            do {
                let context = try column.context(row, app)
                let secret = try old.open(row[column.column], at: context)
                try connection.execute(
                    "UPDATE \(column.table) SET \(column.column) = ? WHERE \(match) AND \(key) = ?",
                    [new.seal(secret, for: context), app.id, rowKey])
            } catch is StoreError {
                damaged += 1
            }
        }
        return damaged
    }
}
