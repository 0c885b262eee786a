import Database
import LarkAPI
import Migrations
import TestSupport
import Testing

@testable import TokenStore

@Suite("The quota of an app for a month")
struct MonthQuotaTests {
    @Test("It is kept with the app, shown with its tenants, and can be removed")
    func kept() async throws {
        try await withStore { _, store, acme in
            #expect(try await store.tenant(acme).monthQuota == nil)
            try await store.setMonthQuota(10_000, of: acme)
            #expect(try await store.tenant(acme).monthQuota == 10_000)
            #expect(try await store.tenants().map(\.monthQuota) == [10_000])
            #expect(try await store.monthCalls(of: [acme])[acme] == MonthCalls(calls: 0, quota: 10_000))
            #expect(try await store.check().findings.isEmpty)
            try await store.setMonthQuota(nil, of: acme)
            #expect(try await store.tenant(acme).monthQuota == nil)
            await #expect(throws: StoreError.self) { try await store.setMonthQuota(1, of: TenantName("gone")) }
        }
    }

    @Test("It holds for every name of the app, also for one that is added later, and for no other app")
    func names() async throws {
        try await withStore { _, store, acme in
            let (twin, third, other) = (try TenantName("twin"), try TenantName("third"), try TenantName("other"))
            try await store.addTenant(twin, app: StoreFixture.app())
            try await store.addTenant(other, app: StoreFixture.app("cli_other"))
            try await store.setMonthQuota(500, of: acme)
            try await store.addTenant(third, app: StoreFixture.app())
            for name in [acme, twin, third] { #expect(try await store.tenant(name).monthQuota == 500) }
            #expect(try await store.tenant(other).monthQuota == nil)
            let fourth = try TenantName("fourth")
            try await store.addTenant(fourth, app: StoreFixture.app(), monthQuota: 600)
            for name in [acme, fourth] { #expect(try await store.tenant(name).monthQuota == 600) }
        }
    }

    @Test("That of a store app is the app's, and cannot be set through a tenant")
    func storeApp() async throws {
        try await withShop(tenants: 2) { _, store, shop, tenants in
            try await store.setMonthQuota(700, of: shop)
            #expect(try await store.app(shop).monthQuota == 700)
            for tenant in tenants { #expect(try await store.tenant(tenant).monthQuota == 700) }
            let error = await #expect(throws: StoreError.self) { try await store.setMonthQuota(1, of: tenants[0]) }
            #expect(error?.code == .sharedApp)
            try await store.updateApp(shop, StoreFixture.app("cli_new"), settings: EventSettings())
            #expect(try await store.app(shop).monthQuota == 700)
        }
    }

    @Test("A value that is out of range is refused, and the old one stays", arguments: [0, -1, 1_000_000_001])
    func range(_ value: Int) async throws {
        try await withStore { _, store, acme in
            try await store.setMonthQuota(5, of: acme)
            await #expect(throws: InvalidValue.self) { try await store.setMonthQuota(value, of: acme) }
            await #expect(throws: InvalidValue.self) {
                try await store.addTenant(TenantName("new"), app: StoreFixture.app(), monthQuota: value)
            }
            #expect(try await store.tenant(acme).monthQuota == 5)
        }
    }

    @Test("A quota database of an older release gets the count of months, and keeps its windows", .inFile)
    func olderLedger() async throws {
        try await withStore { fixture, store, acme in
            try await store.setQuota(RequestRate("1/m"), of: acme)
            let path = store.location.quotaLedger
            try fixture.folder.write([], to: "store.sqlite.quota")
            let older = SchemaUpgrade(
                applicationID: SchemaUpgrade.quotaLedger.applicationID,
                migrations: Array(Migration.quotaLedger.prefix(1)))
            let database = try await older.open(DatabaseFile(path, durability: .none))
            try await database.write { connection in
                try connection.execute(
                    """
                    INSERT INTO quota VALUES (?, 'cli_a', '', 'im/v1/images', 0, 0, ?, 0, 0, x'0000000000000000')
                    """,
                    [StoreFixture.app().host.origin, fixture.clock.now.milliseconds])
            }
            await database.close()
            let limiter = PacedRateLimiter(store: store, clocks: fixture.clock.timing)
            _ = try await limiter.acquire(.imageGet, for: acme, expecting: 1)
            #expect(try await store.monthCalls(of: [acme])[acme]?.calls == 1)
        }
    }

    #if PostgreSQL
    @Test("A store of an older release on a server gets the count of months", .enabled(if: StoreFixture.isOnServer))
    func olderServer() async throws {
        try await withTestServer { server in
            let database = try await #require(server).open()
            let current = SchemaUpgrade.server
            let older = SchemaUpgrade(
                applicationID: current.applicationID,
                migrations: Array(current.migrations.prefix(Migration.monthCalls - 1)),
                companions: current.companions.filter { $0.version < Migration.monthCalls })
            try await older.run(database, path: "server")
            await #expect(throws: DatabaseError.self) { try await countMonths(in: database) }
            try await current.run(database, path: "server")
            #expect(try await countMonths(in: database) == 0)
            await database.close()
        }
    }

    private func countMonths(in database: any SQLDatabase) async throws -> Int? {
        try await database.read { try $0.value("SELECT count(*) FROM month_calls") }
    }
    #endif
}
