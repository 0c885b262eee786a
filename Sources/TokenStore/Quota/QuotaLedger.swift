import Database
import LarkAPI
import PosixFiles

/// The quota database of a store, opened with its first use, once for all concurrent callers.
actor QuotaLedger {
    private let location: StoreLocation
    /// The store's database, which on a server holds the counts too.
    private let storeDatabase: any SQLDatabase
    private var opened: QuotaDatabase?
    private let opening = SingleFlight<String, QuotaDatabase>()
    /// Calls of the month that were made while they could not be counted.
    private var uncounted: [QuotaApp: Int] = [:]

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

    /// The apps with calls that are still to be counted.
    var appsWithUncounted: Set<QuotaApp> { Set(uncounted.keys) }

    /// Remembers calls that could not be counted. The next count includes them.
    func remember(_ calls: Int, of app: QuotaApp) {
        if calls != 0 { uncounted[app, default: 0] += calls }
    }

    /// Returns the calls that are still to be counted, for a caller that counts them now or remembers them again.
    func takeUncounted(of app: QuotaApp) -> Int { uncounted.removeValue(forKey: app) ?? 0 }

    /// Adds calls, and those that could not be counted before.
    ///
    /// - Throws: ``StoreError``; then all of them are counted with the next ones.
    func add(_ calls: Int, of app: QuotaApp, clocks: Clocks) async throws {
        let all = calls + takeUncounted(of: app)
        do {
            try await database().add(all, of: app, clocks: clocks)
        } catch {
            remember(all, of: app)
            throw error
        }
    }
}
