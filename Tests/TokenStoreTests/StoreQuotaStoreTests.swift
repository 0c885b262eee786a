import Database
import FoundationEssentials
import LarkAPI
import Migrations
import PosixFiles
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("The quota of a store", .timeLimit(.minutes(1)))
struct StoreQuotaStoreTests {
    private func withContract(_ body: (RateLimiterContract) async throws -> Void) async throws {
        try await withStore { fixture, store, acme in
            try await store.setQuota(RequestRate("2/s,5/m"), of: acme)
            let quota = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            try await body(RateLimiterContract(quota, tenant: acme, clock: fixture.clock))
        }
    }

    @Test("It keeps to the rate", .inFile) func rate() async throws {
        try await withContract { try await $0.keepsToTheRate() }
    }

    @Test("It heeds pauses", .inFile) func pauses() async throws {
        try await withContract { try await $0.heedsPauses() }
    }

    @Test("It announces waits", .inFile) func waits() async throws {
        try await withContract { try await $0.announcesWaits() }
    }

    @Test("It ends when it is cancelled") func cancellation() async throws {
        try await withContract { try await $0.endsWhenCancelled() }
    }

    @Test("Two processes share it: what one was granted the other cannot have, and a pause holds for both", .inFile)
    func shared() async throws {
        try await withStore { fixture, store, acme in
            try await store.setQuota(RequestRate("3/s"), of: acme)
            let clock = fixture.clock
            let first = PacedRateLimiter(store: store, clocks: clock.timing)
            let second = PacedRateLimiter(store: store, clocks: clock.timing)
            let start = clock.now
            _ = try await first.acquire(.imageGet, for: acme, expecting: 2)
            _ = try await second.acquire(.imageGet, for: acme, expecting: 1)
            #expect(clock.now == start)
            _ = try await second.acquire(.imageGet, for: acme, expecting: 1)
            #expect(clock.now.timeIntervalSince(start) > 1)
            // The first one's second permit was granted before; the pause makes it void.
            try await second.pause(.imageGet, for: acme, for: .seconds(20))
            let paused = clock.now
            _ = try await first.acquire(.imageGet, for: acme, expecting: 1)
            #expect(clock.now.timeIntervalSince(paused) >= 19.999)
        }
    }

    @Test("What was granted and is not needed can be had by others", .inFile)
    func givenBack() async throws {
        try await withStore { fixture, store, acme in
            try await store.setQuota(RequestRate("3/m"), of: acme)
            let clock = fixture.clock
            let first = PacedRateLimiter(store: store, clocks: clock.timing)
            _ = try await first.acquire(.imageGet, for: acme, expecting: 3)
            try await first.releaseUnused()
            let second = PacedRateLimiter(store: store, clocks: clock.timing)
            for _ in 0..<2 { _ = try await second.acquire(.imageGet, for: acme, expecting: 1) }
            #expect(clock.waits.isEmpty)
        }
    }

    @Test("Two names of one app in one tenant have one quota; the platform counts neither twice", .inFile)
    func names() async throws {
        try await withStore { fixture, store, acme in
            let twin = try TenantName("twin")
            try await store.addTenant(twin, app: StoreFixture.app(), quota: RequestRate("1/m"))
            try await store.setQuota(RequestRate("1/m"), of: acme)
            let quota = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            _ = try await quota.acquire(.imageGet, for: acme, expecting: 1)
            _ = try await quota.acquire(.imageGet, for: twin, expecting: 1)
            #expect(fixture.clock.waits == [.milliseconds(60_060)])
        }
    }

    @Test("A rate that is changed holds for the next requests, also of a process that runs", .inFile)
    func changedRate() async throws {
        try await withStore { fixture, store, acme in
            let quota = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            _ = try await quota.acquire(.imageGet, for: acme, expecting: 1)
            try await store.setQuota(RequestRate("1/m"), of: acme)
            _ = try await quota.acquire(.imageGet, for: acme, expecting: 1)
            #expect(fixture.clock.waits == [.milliseconds(60_060)])
        }
    }

    @Test("An unknown tenant is an error, not a wait")
    func unknownTenant() async throws {
        try await withStore { fixture, store, _ in
            let quota = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            let error = await #expect(throws: StoreError.self) {
                try await quota.acquire(.imageGet, for: TenantName("nobody"), expecting: 1)
            }
            #expect(error?.code == .unknownTenant)
        }
    }

    /// What a power failure may leave of the file.
    enum PowerFailure: CaseIterable {
        case empty
        case zeros
        case headerAlone
    }

    @Test("A quota database that a power failure damaged is created again", .inFile, arguments: PowerFailure.allCases)
    func damaged(by failure: PowerFailure) async throws {
        try await withStore { fixture, store, acme in
            let path = store.location.quotaLedger
            try await store.setQuota(RequestRate("1/m"), of: acme)
            let account = try await store.quotaAccount(of: acme)
            _ = try await QuotaDatabase.open(at: path).change(account, .imageGet, clocks: .system) { _, _ in }
            let sound = try fixture.folder.read("store.sqlite.quota")
            let content: [UInt8] =
                switch failure {
                case .empty: []
                case .zeros: [UInt8](repeating: 0, count: sound.count)
                case .headerAlone: Array(sound[..<100]) + [UInt8](repeating: 0xff, count: sound.count - 100)
                }
            try fixture.folder.write(content, to: "store.sqlite.quota")
            let quota = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            for _ in 0..<2 { _ = try await quota.acquire(.imageGet, for: acme, expecting: 1) }
            #expect(fixture.clock.waits.count == 1)
            let log = try await QuotaDatabase.open(at: path)
            #expect(
                try await log.change(account, .imageGet, clocks: .system) { window, _ in window.instants.count } == 2)
        }
    }

    @Test(
        "Another program's file in its place is not changed, and requests are counted in memory",
        arguments: ["not SQLite at all", "SQLite format 3\0" + String(repeating: "x", count: 5000)])
    func foreign(_ content: String) async throws {
        try await withStore { fixture, store, acme in
            try await store.setQuota(RequestRate("1/m"), of: acme)
            let path = try fixture.folder.write(
                Array(content.utf8), to: "store.sqlite.quota", permissions: [.ownerReadWrite, .otherRead])
            let quota = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            for _ in 0..<2 { _ = try await quota.acquire(.imageGet, for: acme, expecting: 1) }
            #expect(fixture.clock.waits.count == 1)
            #expect(try fixture.folder.read("store.sqlite.quota") == Array(content.utf8))
            #expect(FileStatus.of(path)?.permissions == [.ownerReadWrite, .otherRead])
        }
    }

    @Test("The requests of many tenants are counted at once, also of names that are not registered")
    func manyTenants() async throws {
        try await withStore { fixture, store, acme in
            let quota = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            var tenants = [acme]
            for number in 1...20 {
                let tenant = try TenantName("t\(number)")
                try await store.addTenant(tenant, app: StoreFixture.app("cli_\(number)"))
                tenants.append(tenant)
            }
            for tenant in tenants { _ = try await quota.acquire(.imageGet, for: tenant, expecting: 1) }
            try await quota.releaseUnused()
            let uses = try await store.quotaUse(of: tenants + [TenantName("gone")])
            #expect(uses.count == 21)
            #expect(uses.values.allSatisfy { $0[.imageGet]?.requests == 1 && $0[.messageResourceGet]?.requests == 0 })
            let all = try await store.tenants().map(\.name)
            #expect(try await store.tenants(named: tenants + [TenantName("gone")]).map(\.name) == all)
            #expect(try await store.tenants(named: [acme]).map(\.name) == [acme])
            #expect(try await store.tenants(named: []).isEmpty)
        }
    }

    @Test(
        "A damaged row of the quota database counts as none, and the next request replaces it", .inFile,
        arguments: [
            "asked_at = -9223372036854775808", "paused_until = 9223372036854775807", "epoch = 9223372036854775807",
            "instants = x'ffffffffffffff7f'", "instants = x'0000000000000080'",
        ])
    func damagedRow(_ change: String) async throws {
        try await withStore { fixture, store, acme in
            try await store.setQuota(RequestRate("1/m"), of: acme)
            let quota = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            _ = try await quota.acquire(.imageGet, for: acme, expecting: 1)
            let quotaStore = try await DatabaseFile(store.location.quotaLedger, durability: .none).open()
            try await quotaStore.write { try $0.executeScript("UPDATE quota SET \(change)") }
            _ = try await quota.acquire(.imageGet, for: acme, expecting: 1)
            try await quota.pause(.imageGet, for: acme, for: .seconds(1))
            #expect(fixture.clock.waits.isEmpty)
            #expect(try await store.quotaUse(of: [acme])[acme]?[.imageGet]?.requests == 1)
        }
    }

    @Test("Without a quota database, a process still keeps to the rate by itself", .inFile)
    func noLedger() async throws {
        try await withStore { fixture, store, acme in
            try await store.setQuota(RequestRate("1/m"), of: acme)
            try FileManager.default.createDirectory(
                atPath: store.location.quotaLedger.string, withIntermediateDirectories: false)
            let quota = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            for _ in 0..<2 { _ = try await quota.acquire(.imageGet, for: acme, expecting: 1) }
            #expect(fixture.clock.waits == [.milliseconds(60_060)])
        }
    }

    private func counts(of tenant: TenantName, in store: Store) async throws -> [RateLimitedAPI: Int]? {
        try await store.quotaUse(of: [tenant])[tenant]?.mapValues(\.requests).filter { $0.value > 0 }
    }

    @Test("A pause by the platform is told until it is over", .inFile)
    func pausedUntil() async throws {
        try await withStore { fixture, store, acme in
            let quota = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            try await quota.pause(.imageGet, for: acme, for: .seconds(20))
            let end = fixture.clock.now.addingTimeInterval(20)
            #expect(try await store.quotaUse(of: [acme])[acme]?[.imageGet]?.pausedUntil == end)
            #expect(try await store.quotaUse(of: [acme])[acme]?[.messageResourceGet]?.pausedUntil == nil)
            fixture.clock.advance(20)
            #expect(try await store.quotaUse(of: [acme])[acme]?[.imageGet]?.pausedUntil == nil)
        }
    }

    @Test("What was sent in the last minute is told for each API; reading it creates no quota database", .inFile)
    func use() async throws {
        try await withStore { fixture, store, acme in
            #expect(try await store.quotaUse(of: [acme]).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: store.location.quotaLedger.string))
            let quota = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            for _ in 0..<3 { _ = try await quota.acquire(.imageGet, for: acme, expecting: 1) }
            _ = try await quota.acquire(.messageResourceGet, for: acme, expecting: 1)
            #expect(try await counts(of: acme, in: store) == [.imageGet: 3, .messageResourceGet: 1])
            fixture.clock.advance(61)
            #expect(try await counts(of: acme, in: store) == [:])
        }
    }

    @Test("A store of the first schema gets the quota's columns; its tenants have the usual rate")
    func firstSchema() async throws {
        try await withTemporaryFolder { folder in
            let path = try folder.write([], to: "x.sqlite")
            let database = try await DatabaseFile(path).open()
            let first = SchemaUpgrade(
                applicationID: SchemaUpgrade.store.applicationID, migrations: Array(Migration.all.prefix(1)))
            try await first.run(database, path: path.string)
            try await database.write {
                try $0.executeScript(
                    """
                    INSERT INTO app VALUES (1, 'https://a.b', 'cli_a', x'00', 1, 0, 0);
                    INSERT INTO tenant VALUES ('acme', 1, '', 0);
                    """)
            }
            try await SchemaUpgrade.store.run(database, path: path.string)
            let rate = try await database.read { try $0.row("SELECT * FROM tenant").map(Store.quota) }
            #expect(rate == .standard)
        }
    }

    @Test("A tenant's rate is kept as it was given", arguments: ["50/s,1000/m", "7/s", "9/m", "none"])
    func kept(_ text: String) async throws {
        try await withStore { _, store, acme in
            try await store.setQuota(RequestRate(text), of: acme)
            #expect(try await store.tenant(acme).quota == RequestRate(text))
            await #expect(throws: StoreError.self) {
                try await store.setQuota(.standard, of: TenantName("nobody"))
            }
        }
    }
}
