import GRDB
import Migrations

/// Brings a file to the schema of this release, and refuses what is not a file of this release or an older one.
struct SchemaUpgrade {
    /// Marks a file as ours (sqlite.org, "PRAGMA application_id").
    let applicationID: Int64
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

    /// Looks at a file.
    ///
    /// - Throws: ``StoreError`` `foreignFile` or `newerRelease`.
    func inspect(_ database: Database, path: String) throws -> Finding {
        let application = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if application == 0, version == 0, try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0 {
            return .empty
        }
        guard application == applicationID else {
            throw StoreError(
                .foreignFile, "\(path) is another program's database",
                remedy: "Name the store with --store or LARKIMG_STORE; the file was left as it is"
            )
        }
        guard version <= migrations.count else {
            throw StoreError(
                .newerRelease,
                "\(path) was written by a newer release (schema \(version), this one knows \(migrations.count))",
                remedy: "Use the newer larkimg; the file was left as it is"
            )
        }
        return version == migrations.count ? .upToDate : .older
    }

    /// Applies what is missing, in one IMMEDIATE transaction that looks again first: of two first runs the second
    /// finds the work done.
    ///
    /// - Throws: ``StoreError``, `DatabaseError`.
    func run(_ queue: DatabaseQueue, path: String) throws {
        try queue.inDatabase { database in
            try database.inTransaction(.immediate) {
                guard try inspect(database, path: path) != .upToDate else { return .commit }
                let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
                for migration in migrations.dropFirst(version) {
                    try database.execute(sql: migration.sql)
                }
                try database.execute(sql: "PRAGMA user_version = \(migrations.count)")
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                return .commit
            }
        }
    }
}
