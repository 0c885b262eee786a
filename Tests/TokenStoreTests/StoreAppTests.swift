import Database
import FoundationEssentials
import LarkAPI
import TestSupport
import Testing

@testable import TokenStore

@Suite("Store apps: app_access_token, tenant_access_token")
struct StoreAppTests {
    @Test("Twenty tenants at once cost twenty-one requests, and a restart none")
    func sharedAppToken() async throws {
        try await withShop(tenants: 20) { fixture, store, _, tenants in
            let provider = fixture.provider(store)
            try await withThrowingTaskGroup(of: String.self) { group in
                for tenant in tenants { group.addTask { try await provider.token(for: tenant, goodFor: .zero).text } }
                var texts: Set<String> = []
                for try await text in group { texts.insert(text) }
                #expect(texts.count == 20)
            }
            #expect(fixture.platform.calls == 21)
            #expect(fixture.platform.appCalls == 1)
            let again = fixture.provider(try await fixture.open(.existing))
            for tenant in tenants { _ = try await again.token(for: tenant, goodFor: .zero) }
            #expect(fixture.platform.calls == 21)
        }
    }

    @Test("A rejected app_access_token is renewed, once")
    func rejectedAppToken() async throws {
        try await withShop(tenants: 2) { fixture, store, shop, tenants in
            let provider = fixture.provider(store)
            _ = try await provider.token(for: tenants[0], goodFor: .zero)
            let rejected = try #require(try await store.state(of: .app(shop)).token)
            fixture.platform.reject(rejected)
            _ = try await provider.token(for: tenants[1], goodFor: .zero)
            #expect(fixture.platform.appCalls == 2)
            #expect(try await store.state(of: .app(shop)).token != rejected)
        }
    }

    @Test("An expiring app_access_token is used while its ticket is rejected, and another ticket is requested early")
    func expiringAppToken() async throws {
        try await withShop(tenants: 2) { fixture, store, _, tenants in
            let provider = fixture.provider(store, ticketTimeout: .seconds(150))
            _ = try await provider.token(for: tenants[0], goodFor: .zero)
            fixture.clock.advance(7200 - 600)
            fixture.platform.acceptOnly(Secret("ticket-2"))
            let start = fixture.clock.now
            _ = try await provider.token(for: tenants[1], goodFor: .zero)
            #expect(fixture.platform.ticketRequests == 1)
            #expect(fixture.clock.now == start, "there is no wait for a ticket while the old token is valid")
        }
    }

    @Test("A tenant's valid token is returned at once when no ticket arrives")
    func expiringTenantToken() async throws {
        try await withShop { fixture, store, shop, tenants in
            let provider = fixture.provider(store, ticketTimeout: .seconds(150))
            let first = try await provider.token(for: tenants[0], goodFor: .zero)
            try await store.invalidate(try #require(try await store.state(of: .app(shop)).token), of: .app(shop))
            fixture.platform.acceptOnly(Secret("ticket-2"))
            fixture.clock.advance(7200 - 600)
            let start = fixture.clock.now
            #expect(try await provider.token(for: tenants[0], goodFor: .zero) == first)
            #expect(fixture.clock.now == start)
            // Nor does another process that waits for one delay it; no failure is stored that would stop callers that can wait.
            let lock = try await ProcessLock(store.state(of: .app(shop)).lockName, in: fixture.location.locks)
            defer { lock.release() }
            #expect(lock.tryAcquire())
            #expect(try await provider.token(for: tenants[0], goodFor: .zero) == first)
            #expect(fixture.clock.now == start)
            #expect(try await store.state(of: .app(shop)).failure == nil)
            #expect(try await store.state(of: .tenant(tenants[0])).failure == nil)
        }
    }

    @Test("A new secret makes the tokens unreachable and keeps the ticket; another app_id drops the ticket too")
    func updates() async throws {
        try await withShop { fixture, store, shop, tenants in
            _ = try await fixture.provider(store).token(for: tenants[0], goodFor: .zero)
            let settings = try await store.eventSettings(of: shop)
            try await store.updateApp(shop, StoreFixture.app("cli_s", secret: "new"), settings: settings)
            #expect(try await store.tenant(tenants[0]).tokenExpiresAt == nil)
            #expect(try await store.app(shop).ticketMadeAt != nil)
            #expect(try await store.eventSettings(of: shop).encryptKey == Secret("canary-ek"))
            _ = try await fixture.provider(store).token(for: tenants[0], goodFor: .zero)
            try await store.updateApp(shop, StoreFixture.app("cli_other"), settings: settings)
            #expect(try await store.app(shop).ticketMadeAt == nil)
        }
    }

    @Test("An app with tenants cannot be removed; removing its last tenant leaves the app and no token")
    func removal() async throws {
        try await withShop { fixture, store, shop, tenants in
            _ = try await fixture.provider(store).token(for: tenants[0], goodFor: .zero)
            let error = await #expect(throws: StoreError.self) { try await store.removeApp(shop) }
            #expect(error?.code == .sharedApp)
            try await store.removeTenant(tenants[0])
            let left = try await fixture.raw()
                .read { try $0.value("SELECT count(*) FROM token WHERE tenant_key <> ''") as Int? }
            #expect(left == 0)
            try await store.removeApp(shop)
            #expect(try await store.apps().isEmpty)
        }
    }

    @Test("A ticket or an event setting that was moved or changed cannot be opened")
    func tampering() async throws {
        for sql in [
            "UPDATE app_ticket SET made_at = made_at + 1",
            "UPDATE app SET sealed_verification_token = sealed_encrypt_key",
            "UPDATE app_ticket SET sealed_ticket = (SELECT sealed_secret FROM app)",
        ] {
            try await withShop { fixture, store, _, _ in
                try await fixture.raw().write { try $0.executeScript(sql) }
                #expect(try await store.check().findings.count == 1, "\(sql)")
            }
        }
    }

    @Test("Event settings alone change neither tokens nor the ticket; a new secret does; both end a back-off")
    func eventSettingsAlone() async throws {
        try await withShop { fixture, store, shop, tenants in
            try await store.setTicket(Secret("ticket-1"), of: shop)
            let provider = fixture.provider(store)
            let token = try await provider.token(for: tenants[0], goodFor: .zero)
            try await store.remember(.wrongSecret, for: store.state(of: .tenant(tenants[0])))
            let new = EventSettings(verificationToken: Secret("new-vt"), encryptKey: Secret("new-ek"))
            let credentials = try await store.credentials(of: shop)
            try await store.updateApp(shop, credentials, settings: new)
            #expect(try await store.eventSettings(of: shop).encryptKey == Secret("new-ek"))
            #expect(try await provider.token(for: tenants[0], goodFor: .zero) == token)
            #expect(try await store.tenant(tenants[0]).lastFailure == nil)
            #expect(try await store.app(shop).ticketMadeAt != nil)
            try await store.updateApp(shop, StoreFixture.app("cli_s", secret: "other"), settings: new)
            #expect(try await store.state(of: .tenant(tenants[0])).token == nil)
        }
    }

    @Test("A tenant_key of any length gets a token", .inFile)
    func longTenantKey() async throws {
        try await withShop { fixture, store, shop, _ in
            try await store.setTicket(Secret("ticket-1"), of: shop)
            let tenant = try TenantName("long")
            let key = try TenantKey(String(repeating: "k", count: 128))
            try await store.addTenant(tenant, app: shop, tenantKey: key)
            _ = try await fixture.provider(store).token(for: tenant, goodFor: .zero)
            let names = try fixture.folder.names(in: "store.sqlite.locks")
            #expect(names.allSatisfy { $0.utf8.count < 100 }, "\(names)")
        }
    }

    @Test("An event from the far future does not hide the events after it")
    func futureEvents() async throws {
        try await withShop { fixture, store, shop, _ in
            let key = try TenantKey("key")
            for (id, state, instant) in [
                ("e1", Installation.State.enabled, fixture.clock.now.addingTimeInterval(1e9)),
                ("e2", .disabled, fixture.clock.now.addingTimeInterval(301)),
            ] {
                let event = AppEvent.installation(Installation(tenantKey: key, state: state, changedAt: instant))
                #expect(try await store.receive(event, id: id, of: shop))
                fixture.clock.advance(2)
            }
            #expect(try await store.app(shop).installations.first { $0.tenantKey == key }?.state == .disabled)
        }
    }
}
