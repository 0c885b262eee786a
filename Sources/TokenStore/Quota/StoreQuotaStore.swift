package import LarkAPI
import Logging
import SystemPackage

/// Counts requests in the quota database, or in memory where the database is not needed or there is no way to use it.
package actor StoreQuotaStore: QuotaStore {
    private let store: Store
    private let memory: InMemoryQuotaStore
    private var file: QuotaDatabase?
    private let opening = SingleFlight<FilePath, QuotaDatabase>()
    private var isUnusable = false
    private var accounts: [TenantName: QuotaAccount] = [:]

    package init(store: Store) {
        self.store = store
        memory = InMemoryQuotaStore(timing: store.timing) { try await store.quotaAccount(of: $0).rate }
    }

    package func grant(_ count: Int, from line: QuotaKey, trips: [RoundTrip]) async throws -> QuotaGrant {
        // Asked anew with every batch: the rate may have been changed while a long run goes on.
        let account = try await store.quotaAccount(of: line.tenant)
        accounts[line.tenant] = account
        let timing = store.timing
        return try await either(line) { file in
            try await file.change(account, line.api) {
                QuotaGrant(count, from: &$0, rate: account.rate, trips: trips, now: timing.now().milliseconds)
            }
        } orInMemory: { memory in
            try await memory.grant(count, from: line, trips: trips)
        }
    }

    package func epoch(of line: QuotaKey) async throws -> Int64 {
        let account = try await account(of: line.tenant)
        return try await either(line) {
            try await $0.epoch(account, line.api)
        } orInMemory: {
            try await $0.epoch(of: line)
        }
    }

    package func note(_ report: QuotaReport, on line: QuotaKey) async throws {
        let account = try await account(of: line.tenant)
        let timing = store.timing
        try await either(line) { file in
            try await file.change(account, line.api) { $0.note(report, now: timing.now().milliseconds) }
        } orInMemory: {
            try await $0.note(report, on: line)
        }
    }

    /// How many requests tenants' apps have sent in the last minute, as far as they were counted here.
    ///
    /// - Throws: ``StoreError`` when the count cannot be read.
    package func use(of tenants: [TenantName]) async throws -> [TenantName: [RateLimitedAPI: Int]] {
        // Where nothing was ever counted there is no file, and looking makes none.
        guard file != nil || store.hasQuotaLedger else { return [:] }
        return try await store.quotaUse(of: tenants, in: openedFile())
    }

    /// The file, opened once however many ask for it at the same time.
    private func openedFile() async throws -> QuotaDatabase {
        if let file { return file }
        let path = store.location.quotaLedger
        let opened = try await opening.value(for: path) { try await QuotaDatabase.open(at: path) }
        file = opened
        return opened
    }

    private func account(of tenant: TenantName) async throws -> QuotaAccount {
        if let known = accounts[tenant] { return known }
        let account = try await store.quotaAccount(of: tenant)
        accounts[tenant] = account
        return account
    }

    /// Uses the file. A tenant without limits needs none, and one that fails is not tried again.
    private func either<Result: Sendable>(
        _ line: QuotaKey, inFile: (QuotaDatabase) async throws -> Result,
        orInMemory: (InMemoryQuotaStore) async throws -> Result
    ) async throws -> Result {
        if accounts[line.tenant]?.rate != .unlimited, !isUnusable {
            do {
                return try await inFile(openedFile())
            } catch let error as StoreError {
                // Others that hold it for long will let go of it.
                isUnusable = error.code != .busy
                Logger.current.warning(
                    "requests cannot be counted together with other processes, so this one counts its own",
                    metadata: ["reason": "\(error)"])
            }
        }
        return try await orInMemory(memory)
    }
}
