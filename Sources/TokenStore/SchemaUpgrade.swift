import Database
import LarkAPI
import Migrations
import SystemPackage

/// Brings a file to the schema of this release, and refuses what is not a file of this release or an older one.
struct SchemaUpgrade {
    /// Marks a file as ours.
    let applicationID: Int32
    let migrations: [Migration]

    /// "LKIM": apps, tenants and tokens.
    static let store = SchemaUpgrade(applicationID: 0x4C4B_494D, migrations: Migration.all)

    /// "LKIQ": which requests left when.
    static let quotaLedger = SchemaUpgrade(applicationID: 0x4C4B_4951, migrations: Migration.quotaLedger)

    /// What a file turns out to be, before anything is written.
    enum Finding {
        case upToDate
        case empty
        case older
    }

    /// Opens a file and brings it to this release's schema. A file that is refused is left as it is.
    ///
    /// - Throws: ``StoreError`` `foreignFile` or `newerRelease`; `DatabaseError`; `CancellationError`.
    func open(_ file: DatabaseFile) async throws -> any SQLDatabase {
        let path = file.path.string
        // Before any setting of ours could change another program's file.
        let database = try await file.open { _ = try inspect($0, path: path) }
        if try await database.read({ try inspect($0, path: path) }) != .upToDate {
            try await run(database, path: path)
        }
        return database
    }

    /// Looks at a file.
    ///
    /// - Throws: ``StoreError`` `foreignFile` or `newerRelease`; `DatabaseError`.
    func inspect(_ connection: any SQLConnection, path: String) throws -> Finding {
        let state = try connection.schemaState()
        if state.applicationID == 0, state.version == 0, state.isEmpty { return .empty }
        guard state.applicationID == applicationID else {
            throw StoreError(
                .foreignFile, "\(path) is another program's database",
                remedy: "Name the store with --store or LARKIMG_STORE; the file was left as it is"
            )
        }
        guard state.version >= 0 else { throw DatabaseError(.corrupt, "its schema has a negative number") }
        guard state.version <= migrations.count else {
            throw StoreError(
                .newerRelease,
                "\(path) was written by a newer release (schema \(state.version), this one knows \(migrations.count))",
                remedy: "Use the newer larkimg; the file was left as it is"
            )
        }
        return state.version == migrations.count ? .upToDate : .older
    }

    /// Applies what is missing, in one transaction that looks again first: of two first runs the second finds the
    /// work done.
    ///
    /// - Throws: ``StoreError``, `DatabaseError`, `CancellationError`.
    func run(_ database: any SQLDatabase, path: String) async throws {
        try await database.write { connection in
            guard try inspect(connection, path: path) != .upToDate else { return }
            let version = Int(try connection.schemaState().version)
            for migration in migrations.dropFirst(version) { try connection.executeScript(migration.sql) }
            try connection.setSchema(applicationID: applicationID, version: Int32(migrations.count))
        }
    }
}
