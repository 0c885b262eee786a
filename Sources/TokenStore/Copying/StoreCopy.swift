import Database
import LarkAPI
import Logging
import PosixFiles
import SystemPackage

/// Copies a store to an empty place, row by row, under the same key.
///
/// Until the copy is complete and equal to the store, its database has another application id, and cannot be used as a
/// store. An interrupted copy continues where it stopped.
struct StoreCopy {
    private static let lockName = "copy.lock"

    let source: Store
    let target: StoreLocation
    /// The number of rows in a transaction.
    var batchSize = 1000

    /// Copies everything but the counts of the last minute's requests, and checks the copy.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    func run() async throws -> StoreCheck {
        let lock = try ProcessLock(Self.lockName, in: target.locks)
        defer { lock.release() }
        guard lock.tryAcquire() else {
            throw StoreError(
                .busy, "another process is copying a store to \(target.name)", remedy: "Run this again later")
        }
        let (database, schema) = try await open()
        if target.server == nil { try StoreFile.makePrivate(target.store) }
        return try await StoreError.translating(target.name) {
            let key = try await begin(database, schema)
            try await copyAll(to: database)
            let copy = Store(
                location: target, timing: source.timing, secrets: source.secrets, database: database, key: key,
                identity: FileStatus.of(target.store)?.identity)
            await copyMonthCalls(to: copy)
            let check = try await copy.check()
            try await database.write { try schema.markComplete($0) }
            return check
        }
    }

    /// A count that cannot be read must not keep a store from being moved.
    private func copyMonthCalls(to copy: Store) async {
        guard await source.ledger.exists else { return }
        do {
            try await copy.ledger.database().raise(toCountsOf: source.ledger.database())
        } catch {
            Logger.current.warning("the calls of the month cannot be copied", metadata: ["reason": "\(error)"])
        }
    }

    /// Opens the target, which is not changed unless it is empty or an interrupted copy.
    private func open() async throws -> (any SQLDatabase, SchemaUpgrade) {
        if let server = target.server { return try await openServer(server) }
        try StoreFile.create(target.store)
        return try await StoreError.translating(target.name) {
            let database = try await DatabaseFile(target.store).open { _ = try isInterrupted($0) }
            return (database, .store)
        }
    }

    private func openServer(_ server: PostgreSQLAddress) async throws -> (any SQLDatabase, SchemaUpgrade) {
        #if PostgreSQL
        try await StoreError.translating(target.name) { (try await server.open(), .server) }
        #else
        throw Store.unsupported(target)
        #endif
    }

    /// Creates the tables, and proves that the target's key opens the copy.
    private func begin(_ database: any SQLDatabase, _ schema: SchemaUpgrade) async throws -> StoreKey {
        let check = try await source.read { _ in source.key.check }
        let key = try StoreKey(matching: check, at: target)
        try await database.write { connection in
            if try isInterrupted(connection) {
                // Of another store, or sealed with an earlier key: nothing of it can be used.
                guard try KeyCheck.stored(in: connection) != check else { return }
                try Self.removeRows(in: connection)
                try connection.execute("DELETE FROM key_check")
            } else {
                try schema.createTables(in: connection)
            }
            try check.insert(in: connection)
        }
        return key
    }

    /// Whether the target is an interrupted copy; false if it is empty.
    private func isInterrupted(_ connection: any SQLConnection) throws -> Bool {
        let state = try connection.schemaState()
        if state.applicationID == SchemaUpgrade.incompleteCopy { return true }
        guard state.applicationID == 0, state.version == 0, state.isEmpty else {
            throw StoreError(
                .cannotCreate, "\(target.name) is not empty",
                remedy: "Name a file that does not exist, or an empty database. Nothing was changed")
        }
        return false
    }

    private static func removeRows(in connection: any SQLConnection) throws {
        for table in StoredTable.all.reversed() { try connection.execute("DELETE FROM \(table.name)") }
    }

    private func copyAll(to database: any SQLDatabase) async throws {
        if try await isCopied(to: database) { return }
        try await database.write { try Self.removeRows(in: $0) }
        guard try await isCopied(to: database) else {
            throw StoreError(
                .busy, "\(source.location.name) changed while it was copied",
                remedy: "Stop the programs that use it, then run this again")
        }
    }

    /// Adds the rows that are missing.
    ///
    /// - Returns: whether the copy is equal to the store, which may have changed meanwhile.
    private func isCopied(to database: any SQLDatabase) async throws -> Bool {
        do {
            for table in StoredTable.all { try await copy(table, to: database) }
        } catch let error as DatabaseError where error.code == .constraint {
            // A row refers to one that was added after its table was copied, or takes the name of one that is gone.
            return false
        }
        let copied = try await database.read { connection in try StoredTable.all.map { try $0.digest(in: connection) } }
        return try await copied
            == source.read { connection in try StoredTable.all.map { try $0.digest(in: connection) } }
    }

    private func copy(_ table: StoredTable, to database: any SQLDatabase) async throws {
        var last = try await database.read { try table.lastKey(in: $0) }
        while true {
            let rows = try await source.read { [last] in try table.rows(after: last, limit: batchSize, in: $0) }
            guard let end = rows.last else { return }
            try await database.write { connection in
                for row in rows { try table.insert(row, in: connection) }
            }
            last = try table.key(of: end)
        }
    }
}

extension Store {
    /// Copies the store to a place where there is none, in a file or on a server, and checks the copy: each row, and each
    /// sealed value. Both have the same key. The counts of the last minute's requests are not copied.
    ///
    /// A copy that was interrupted continues where it stopped.
    ///
    /// - Parameter target: where the copy is to be.
    /// - Returns: the result of checking the copy.
    /// - Throws: ``StoreError``, `cannotCreate` if the target is not empty, `busy` if the store keeps changing, `wrongKey`
    ///   if the target's key is another one; `CancellationError`.
    package func copy(to target: StoreLocation) async throws -> StoreCheck {
        try await StoreCopy(source: self, target: target).run()
    }
}
