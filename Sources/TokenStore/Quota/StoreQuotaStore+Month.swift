package import LarkAPI

/// Calls of the month that a process has counted and not granted yet.
struct MonthAdvance: Sendable {
    var calls = 0
    /// How many calls of the month's quota are left without them; nil if the quota is not known.
    var left: Int?
}

/// The month's calls of requests that take no slot of a window.
extension StoreQuotaStore {
    /// The most calls that are counted together: one transaction for so many requests.
    private static let largestAdvance = 100

    /// Counts calls, more of them than are granted now if the caller expects to send more.
    ///
    /// - Returns: how many are left of the month's quota.
    /// - Throws: ``StoreError``.
    func countInAdvance(_ count: Int, of account: QuotaAccount, expecting expected: Int) async throws -> Int? {
        let app = account.app
        while (advances[app]?.calls ?? 0) < count {
            let block = max(count, min(expected, Self.largestAdvance))
            let missing = await store.ledger.takeUncounted(of: app)
            let calls: Int
            do {
                calls = try await openDatabase().add(block + missing, of: app, clocks: store.timing)
            } catch {
                // The request is granted and counted elsewhere.
                await store.ledger.remember(missing, of: app)
                throw error
            }
            advances[app, default: MonthAdvance()].calls += block
            advances[app]?.left = account.monthQuota.map { $0 - calls }
        }
        advances[app]?.calls -= count
        return advances[app].flatMap { advance in advance.left.map { $0 + advance.calls } }
    }

    /// Takes back granted requests of a tenant without a limit, for the next ones.
    func giveBack(_ unused: Int, of account: QuotaAccount) {
        guard trustsCallers, unused > 0 else { return }
        advances[account.app, default: MonthAdvance()].calls += unused
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    package func recordGrant(of count: Int, elsewhere key: QuotaKey) async {
        guard let app = try? await account(of: key.tenant).app else { return }
        await store.ledger.remember(count, of: app)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    package func useUpMonth(of tenant: TenantName) async throws {
        let account = try await store.quotaAccount(of: tenant)
        guard let quota = account.monthQuota else { return }
        try await openDatabase().raise(to: quota, of: account.app, clocks: store.timing)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    package func settle() async throws {
        for app in await store.ledger.appsWithUncounted.union(advances.keys) {
            let unused = advances.removeValue(forKey: app)?.calls ?? 0
            try await store.ledger.add(-unused, of: app, clocks: store.timing)
        }
    }
}
