import Database
public import LarkAPI
import Logging

extension Store {
    /// The quotas that an app can have for a month.
    public static let monthQuotas = 1...1_000_000_000

    /// Checks a quota.
    ///
    /// - Throws: `InvalidValue`.
    static func check(monthQuota: Int?) throws {
        guard let monthQuota, !monthQuotas.contains(monthQuota) else { return }
        throw InvalidValue(
            word: "\(monthQuota)", kind: "month quota",
            rule: "a number from \(monthQuotas.lowerBound) to \(monthQuotas.upperBound)")
    }

    /// Sets how many calls the custom app of a tenant may make in a month; nil for no known quota.
    ///
    /// The quota is the app's: it holds for every name that the app is registered under.
    ///
    /// - Parameters:
    ///   - quota: one of ``monthQuotas``.
    ///   - tenant: the tenant.
    /// - Throws: `InvalidValue`; ``StoreError`` `unknownTenant`, `sharedApp` for a tenant of a store app, and what
    ///   writing throws.
    public func setMonthQuota(_ quota: Int?, of tenant: TenantName) async throws {
        try Self.check(monthQuota: quota)
        try await write { connection in
            let app = try self.state(of: .tenant(tenant), in: connection, opensToken: false).app
            if let shared = app.name { throw Self.sharedApp(shared, of: tenant) }
            try Self.setMonthQuota(quota, of: app, in: connection)
        }
    }

    /// Sets how many calls a store app may make in a month; nil for no known quota.
    ///
    /// - Parameters:
    ///   - quota: one of ``monthQuotas``.
    ///   - app: the store app.
    /// - Throws: `InvalidValue`; ``StoreError`` `unknownApp`, and what writing throws.
    public func setMonthQuota(_ quota: Int?, of app: AppName) async throws {
        try Self.check(monthQuota: quota)
        try await write { try Self.setMonthQuota(quota, of: self.app(app, in: $0), in: $0) }
    }

    static func setMonthQuota(_ quota: Int?, of app: AppRecord, in connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE app SET month_quota = ? WHERE host = ? AND app_id = ?", [quota, app.host.origin, app.appID.text])
    }

    /// The quota of an app that may be registered under another name already.
    static func monthQuota(of app: AppCredentials, in connection: any SQLConnection) throws -> Int? {
        try connection.value(
            "SELECT month_quota FROM app WHERE host = ? AND app_id = ? AND month_quota IS NOT NULL LIMIT 1",
            [app.host.origin, app.appID.text])
    }

    /// The calls that tenants' apps made in the present month, as far as they were counted here, and their quotas.
    ///
    /// - Returns: nothing for names that are not registered.
    /// - Throws: ``StoreError`` when the count cannot be read.
    public func monthCalls(of tenants: [TenantName]) async throws -> [TenantName: MonthCalls] {
        let accounts = try await quotaAccounts(of: tenants)
        let apps = Set(accounts.values.map(\.app))
        let calls =
            await ledger.exists ? try await ledger.database().calls(of: apps, clocks: timing) : [:]
        return accounts.mapValues { MonthCalls(calls: calls[$0.app] ?? 0, quota: $0.monthQuota) }
    }

    /// Counts a call that an app is about to make and for which it takes no permit, such as one for a token.
    ///
    /// A count that cannot be written does not keep the call from being made, and one that is locked by another process
    /// does not hold it up for long. The call is then counted later.
    package func countCall(of app: AppCredentials) async { await countCall(of: QuotaApp(app)) }

    func countCall(of app: QuotaApp) async {
        await changeMonth { [ledger, timing] in try await ledger.add(1, of: app, clocks: timing) }
    }

    /// Records that the platform refuses an app's calls until the next month. With a known quota, at least as many calls
    /// are counted.
    func useUpMonth(of app: AppRecord) async {
        guard let quota = app.monthQuota else { return }
        await changeMonth { [ledger, timing] in
            try await ledger.database().raise(to: quota, of: QuotaApp(app), clocks: timing)
        }
    }

    /// How long a token waits for the count of its request. The lock of a file takes real time, whatever clock the store
    /// has.
    private static let longestCount = Duration.seconds(2)

    private func changeMonth(_ change: @escaping @Sendable () async throws -> Void) async {
        do {
            try await withWaitLimit(Self.longestCount, clocks: .system, change)
        } catch is WaitLimitExceeded, is CancellationError {
            // The first goes on; the caller of the second sends nothing.
        } catch {
            Logger.current.warning("the calls of the month cannot be counted", metadata: ["reason": "\(error)"])
        }
    }
}
