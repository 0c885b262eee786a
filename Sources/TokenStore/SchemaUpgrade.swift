import Database
import LarkAPI
import Migrations
import SystemPackage

#if PostgreSQL
import PostgreSQLMigrations
#endif

/// Upgrades a database to the schema of this release, and refuses files of newer releases and of other programs.
struct SchemaUpgrade {
    /// Identifies a file as ours.
    let applicationID: Int32
    let migrations: [Migration]
    /// Tables that are not the store's own, with the version of the store that they come with.
    var companions: [(version: Int, migration: Migration)] = []

    /// "LKIC": a copy of a store that is not complete.
    static let incompleteCopy: Int32 = 0x4C4B_4943

    /// "LKIM": apps, tenants and tokens.
    static let store = SchemaUpgrade(applicationID: 0x4C4B_494D, migrations: Migration.all)

    #if PostgreSQL
    /// The same on a database server.
    static let server = SchemaUpgrade(
        applicationID: store.applicationID, migrations: PostgreSQLMigrations.all,
        companions: (PostgreSQLMigrations.leases + PostgreSQLMigrations.quotaLedger)
            .map { (version: PostgreSQLMigrations.introduction(of: $0), migration: $0) })
    #endif

    /// "LKIQ": the requests of the last minute, and the calls of each month.
    static let quotaLedger = SchemaUpgrade(applicationID: 0x4C4B_4951, migrations: Migration.quotaLedger)

    /// The state of a file before anything is written.
    enum Finding {
        case upToDate
        case empty
        case older
    }

    /// Opens a file and upgrades it. A file that is refused is not changed.
    ///
    /// - Parameter complete: what the migrations' SQL cannot do, in their transaction; gets the version before.
    /// - Throws: ``StoreError`` `foreignFile` or `newerRelease`; `DatabaseError`; `CancellationError`; the errors of
    ///   `complete`.
    func open(
        _ file: DatabaseFile, completing complete: @Sendable (any SQLConnection, Int) throws -> Void = { _, _ in }
    ) async throws -> any SQLDatabase {
        let path = file.path.string
        // Before our settings could change another program's file.
        let database = try await file.open { _ = try inspect($0, path: path) }
        try await upgrade(database, path: path, completing: complete)
        return database
    }

    /// Upgrades an open database.
    ///
    /// - Throws: as ``open(_:completing:)``.
    func upgrade(
        _ database: any SQLDatabase, path: String,
        completing complete: @Sendable (any SQLConnection, Int) throws -> Void
    ) async throws {
        guard try await database.read({ try inspect($0, path: path) }) != .upToDate else { return }
        try await run(database, path: path, completing: complete)
    }

    /// Examines a file.
    ///
    /// - Throws: ``StoreError`` `foreignFile` or `newerRelease`; `DatabaseError`.
    func inspect(_ connection: any SQLConnection, path: String) throws -> Finding {
        let state = try connection.schemaState()
        if state.applicationID == 0, state.version == 0, state.isEmpty { return .empty }
        guard state.applicationID != Self.incompleteCopy else {
            throw StoreError(
                .incompleteCopy, "\(path) is a copy of a store that is not complete",
                remedy: Remedy("", StoreAction.copyStore))
        }
        guard state.applicationID == applicationID else {
            throw StoreError(
                .foreignFile, "\(path) is another program's database",
                remedy: Remedy("The file was not changed", StoreAction.chooseStore)
            )
        }
        guard state.version >= 0 else { throw DatabaseError(.corrupt, "its schema version is negative") }
        guard state.version <= migrations.count else {
            throw StoreError(
                .newerRelease,
                "\(path) was written by a newer release (schema \(state.version), this one knows \(migrations.count))",
                remedy: "Use the newer release. The file was not changed"
            )
        }
        return state.version == migrations.count ? .upToDate : .older
    }

    /// Applies the missing migrations in one transaction. It examines the file again first: of two processes that open
    /// a new store at once, the second has nothing to do.
    ///
    /// - Throws: ``StoreError``, `DatabaseError`, `CancellationError`.
    func run(
        _ database: any SQLDatabase, path: String,
        completing complete: @Sendable (any SQLConnection, Int) throws -> Void = { _, _ in }
    ) async throws {
        try await database.write { connection in
            guard try inspect(connection, path: path) != .upToDate else { return }
            let version = Int(try connection.schemaState().version)
            try migrate(connection, from: version)
            try complete(connection, version)
            try setVersion(in: connection)
        }
    }

    private func migrate(_ connection: any SQLConnection, from version: Int) throws {
        let missing = companions.filter { $0.version > version }.map(\.migration)
        for migration in migrations.dropFirst(version) + missing { try connection.executeScript(migration.sql) }
    }

    private func setVersion(in connection: any SQLConnection, isComplete: Bool = true) throws {
        try connection.setSchema(
            applicationID: isComplete ? applicationID : Self.incompleteCopy, version: Int32(migrations.count))
    }

    /// Creates the tables of a copy.
    ///
    /// - Throws: `DatabaseError`.
    func createTables(in connection: any SQLConnection) throws {
        try migrate(connection, from: 0)
        try setVersion(in: connection, isComplete: false)
    }

    /// Makes a complete copy a store.
    ///
    /// - Throws: `DatabaseError`.
    func markComplete(_ connection: any SQLConnection) throws {
        try connection.continueNumbering("client_secret", by: "number")
        try setVersion(in: connection)
    }
}
