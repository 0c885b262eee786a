import Database
import PosixFiles

/// The quota database of a store, opened with its first use, once for all concurrent callers.
actor QuotaLedger {
    private let location: StoreLocation
    /// The store's database, which on a server holds the counts too.
    private let storeDatabase: any SQLDatabase
    private var opened: QuotaDatabase?
    private let opening = SingleFlight<String, QuotaDatabase>()

    init(location: StoreLocation, storeDatabase: any SQLDatabase) {
        self.location = location
        self.storeDatabase = storeDatabase
    }

    /// Whether there are counts to read. Without a count there is no file, and reading creates none.
    var exists: Bool {
        opened != nil || location.server != nil || FileStatus.of(location.quotaLedger) != nil
    }

    /// Returns the database: a file beside the store's, or tables on its server.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    func database() async throws -> QuotaDatabase {
        if let opened { return opened }
        let database = try await opening.value(for: location.name) { [location, storeDatabase] in
            location.server == nil
                ? try await QuotaDatabase.open(at: location.quotaLedger)
                : QuotaDatabase(on: storeDatabase, name: location.name)
        }
        opened = database
        return database
    }
}
