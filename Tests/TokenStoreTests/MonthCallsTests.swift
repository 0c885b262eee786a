import Database
import FoundationEssentials
import LarkAPI
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("The calls of an app in a month", .timeLimit(.minutes(1)))
struct MonthCallsTests {
    private func calls(of tenant: TenantName, in store: Store) async throws -> Int? {
        try await store.monthCalls(of: [tenant])[tenant]?.calls
    }

    @Test("Permits that are granted together count at once, and those that are not used count no longer")
    func permits() async throws {
        try await withStore { fixture, store, acme in
            #expect(try await calls(of: acme, in: store) == 0)
            let limiter = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            for left in [10, 9, 8] { _ = try await limiter.acquire(.imageGet, for: acme, expecting: left) }
            #expect(try await calls(of: acme, in: store) == 10)
            try await limiter.releaseUnused()
            #expect(try await calls(of: acme, in: store) == 3)
            _ = try await limiter.acquire(.messageResourceGet, for: acme, expecting: 1)
            #expect(try await calls(of: acme, in: store) == 4)
        }
    }

    @Test("A permit that is taken back does not count, and none is taken back twice")
    func takenBack() async throws {
        try await withStore { fixture, store, acme in
            let limiter = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1)
            let permit = try await limiter.acquire(.imageGet, for: acme, expecting: 1)
            await limiter.takeBack(permit)
            try await limiter.releaseUnused()
            #expect(try await calls(of: acme, in: store) == 1)
            fixture.clock.advance(1)
            let quotaStore = StoreQuotaStore(store: store)
            let key = QuotaKey(.imageGet, of: acme)
            let grant = try await quotaStore.grant(1, from: key)
            let slot = UnusedSlot(instant: grant.instants[0], epoch: grant.epoch)
            for _ in 1...3 { try await quotaStore.release([slot], of: key) }
            #expect(try await calls(of: acme, in: store) == 1)
        }
    }

    @Test("Without a rate limit, calls are counted in advance, and what is not needed is taken back at the end")
    func unlimited() async throws {
        try await withStore { fixture, store, acme in
            try await store.setQuota(.unlimited, of: acme)
            let limiter = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            _ = try await limiter.acquire(.imageGet, for: acme, expecting: 250)
            #expect(try await calls(of: acme, in: store) == 100)
            for left in (1...119).reversed() {
                _ = try await limiter.acquire(.imageGet, for: acme, expecting: left + 130)
            }
            #expect(try await calls(of: acme, in: store) == 200)
            try await limiter.releaseUnused()
            #expect(try await calls(of: acme, in: store) == 120)
        }
    }

    @Test("A client that is not trusted cannot lower the count of an app without a rate limit")
    func untrusted() async throws {
        try await withStore { _, store, acme in
            try await store.setQuota(.unlimited, of: acme)
            let quotaStore = StoreQuotaStore(store: store, trustsCallers: false)
            let key = QuotaKey(.imageGet, of: acme)
            _ = try await quotaStore.grant(5, from: key)
            try await quotaStore.release([UnusedSlot](repeating: UnusedSlot(instant: 0, epoch: 0), count: 5), of: key)
            _ = try await quotaStore.grant(5, from: key)
            try await quotaStore.settle()
            #expect(try await calls(of: acme, in: store) == 10)
        }
    }

    @Test("The calls of a month do not count in the next one", .inFile)
    func nextMonth() async throws {
        let end = try Date("2026-01-31T15:59:59Z", strategy: .iso8601)
        try await withStore(clock: TestClocks(start: end)) { fixture, store, acme in
            let limiter = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            for _ in 1...2 { _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1) }
            #expect(try await calls(of: acme, in: store) == 2)
            fixture.clock.advance(2)
            #expect(try await calls(of: acme, in: store) == 0)
            _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1)
            #expect(try await calls(of: acme, in: store) == 1)
        }
    }

    @Test("Permits that were granted while the count could not be written are counted afterwards", .inFile)
    func uncounted() async throws {
        try await withStore { fixture, store, acme in
            let path = store.location.quotaLedger.string
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            let limiter = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            for _ in 1...2 { _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1) }
            try FileManager.default.removeItem(atPath: path)
            fixture.clock.advance(6)
            _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1)
            #expect(try await calls(of: acme, in: store) == 3)
        }
    }

    @Test("Each call for a token counts: of a custom app one, of a store app's tenants one more than there are tenants")
    func tokens() async throws {
        try await withShop(tenants: 3) { fixture, store, shop, tenants in
            let acme = try TenantName("acme")
            try await store.addTenant(acme, app: StoreFixture.app())
            let provider = fixture.provider(store)
            for tenant in tenants + [acme, acme] { _ = try await provider.token(for: tenant, goodFor: .zero) }
            let months = try await store.monthCalls(of: tenants + [acme])
            #expect(months[acme]?.calls == 1)
            for tenant in tenants { #expect(months[tenant]?.calls == 4) }
        }
    }

    @Test("A call for a token counts before it is sent, and also if it fails")
    func failedTokens() async throws {
        try await withStore { fixture, store, acme in
            let release = fixture.platform.hold()
            let request = Task { try await fixture.provider(store).token(for: acme, goodFor: .zero) }
            try await eventually { fixture.platform.calls == 1 }
            #expect(try await calls(of: acme, in: store) == 1)
            fixture.platform.fail(.wrongSecret)
            release()
            await #expect(throws: LarkError.self) { try await request.value }
            #expect(try await calls(of: acme, in: store) == 1)
        }
    }

    /// Whether a task has come so far.
    private final class Flag: Sendable {
        let isSet = Mutex(false)
    }

    @Test("A count that another process has locked keeps no token waiting, and includes its call later", .inFile)
    func locked() async throws {
        try await withStore { fixture, store, acme in
            let limiter = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1)
            let other = try await DatabaseFile(store.location.quotaLedger, durability: .none).open()
            let gate = try FileDescriptor.pipe()
            let lock = Flag()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await other.write { _ in
                        lock.isSet.withLock { $0 = true }
                        // Ends when the other side is closed.
                        _ = try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) {
                            try gate.readEnd.read(into: $0)
                        }
                    }
                }
                try await eventually { lock.isSet.withLock { $0 } }
                #expect(try await fixture.provider(store).token(for: acme, goodFor: .zero).text == "t-1")
                try gate.writeEnd.close()
                try await group.waitForAll()
            }
            try gate.readEnd.close()
            try await eventually { try await calls(of: acme, in: store) == 2 }
        }
    }

    private static let usedUp = LarkError(
        .tryLater, "the tenant's monthly quota of API calls is used up", remedy: "wait", httpStatus: 400,
        platformCode: 99_991_403)

    @Test("When the platform says that the month is used up, the quota counts as used, and never less than was counted")
    func usedUp() async throws {
        try await withStore { fixture, store, acme in
            let limiter = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1)
            try await limiter.reportUsedUpMonth(for: acme)
            #expect(try await calls(of: acme, in: store) == 1, "the quota is not known")
            try await store.setMonthQuota(50, of: acme)
            fixture.platform.fail(Self.usedUp)
            let provider = fixture.provider(store)
            await #expect(throws: LarkError.self) { try await provider.token(for: acme, goodFor: .zero) }
            #expect(try await store.monthCalls(of: [acme])[acme] == MonthCalls(calls: 50, quota: 50))
            _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1)
            try await limiter.reportUsedUpMonth(for: acme)
            let month = try await store.monthCalls(of: [acme])[acme]
            #expect(month?.calls == 51 && month?.left == 0)
        }
    }

    @Test("A limiter leaves the last calls of the month's quota to others, and says how many are left")
    func reserve() async throws {
        try await withStore { fixture, store, acme in
            try await store.setMonthQuota(10, of: acme)
            let limiter = PacedRateLimiter(store: store, clocks: fixture.clock.timing, monthReserve: 4)
            for left in [20, 19, 18, 17, 16, 15] {
                _ = try await limiter.acquire(.imageGet, for: acme, expecting: left)
            }
            let error = await #expect(throws: LarkError.self) {
                try await limiter.acquire(.imageGet, for: acme, expecting: 14)
            }
            #expect(error?.kind == .tryLater && error?.isRetryable == false)
            #expect(error?.summary.hasPrefix("4 calls are left") == true, "\(String(describing: error))")
            #expect(error?.remedy?.description.contains("The next month begins on 20") == true)
            #expect(try await calls(of: acme, in: store) == 6)
            let other = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            for _ in 1...6 { _ = try await other.acquire(.imageGet, for: acme, expecting: 1) }
            #expect(try await calls(of: acme, in: store) == 12, "without a reserve the platform decides")
        }
    }

    @Test("The reserve holds without a rate limit too")
    func unlimitedReserve() async throws {
        try await withStore { fixture, store, acme in
            try await store.setQuota(.unlimited, of: acme)
            try await store.setMonthQuota(130, of: acme)
            let limiter = PacedRateLimiter(store: store, clocks: fixture.clock.timing, monthReserve: 5)
            var granted = 0
            await #expect(throws: LarkError.self) {
                while granted < 200 {
                    _ = try await limiter.acquire(.imageGet, for: acme, expecting: 200 - granted)
                    granted += 1
                }
            }
            #expect(granted == 125)
            try await limiter.releaseUnused()
            #expect(try await calls(of: acme, in: store) == 125)
        }
    }

    @Test("A reserve of a quota that is not known, or of calls that cannot be counted, grants nothing")
    func unknownReserve() async throws {
        try await withStore { fixture, store, acme in
            let limiter = PacedRateLimiter(store: store, clocks: fixture.clock.timing, monthReserve: 5)
            let error = await #expect(throws: LarkError.self) {
                try await limiter.acquire(.imageGet, for: acme, expecting: 1)
            }
            #expect(error?.summary.contains("cannot be counted") == true)
        }
    }
}
