import Database
import FoundationEssentials
import LarkAPI
import TestSupport
import Testing

@testable import TokenStore

@Suite("The app_tickets of a store app")
struct AppTicketTests {
    @Test("Without a ticket one is requested, once for all tenants, and the error says what to do until it arrives")
    func noTicket() async throws {
        try await withShop(tenants: 3, ticket: false) { fixture, store, shop, tenants in
            for tenant in tenants {
                let error = await #expect(throws: LarkError.self) {
                    try await fixture.provider(store).token(for: tenant, goodFor: .zero)
                }
                #expect(error?.kind == .tryLater)
                #expect(error?.remedy?.action as? StoreAction == .setTicket(shop))
            }
            #expect(fixture.platform.ticketRequests == 1)
            try await store.setTicket(Secret("ticket-1"), of: shop)
            #expect(try await fixture.provider(store).token(for: tenants[0], goodFor: .zero).text == "t-2")
        }
    }

    @Test("After a failed request for a ticket, the next caller requests one again")
    func failedTicketRequest() async throws {
        try await withShop(ticket: false) { fixture, store, _, tenants in
            fixture.platform.fail(.offline)
            for _ in 1...2 {
                await #expect(throws: LarkError.self) {
                    try await fixture.provider(store).token(for: tenants[0], goodFor: .zero)
                }
                fixture.clock.advance(1)
            }
            #expect(fixture.platform.ticketRequests == 2)
        }
    }

    @Test("A rejected ticket is dropped, and another one is waited for if a service can receive it")
    func rejectedTicket() async throws {
        try await withShop(clock: TestClocks(waitsForReal: true)) { fixture, store, shop, tenants in
            fixture.platform.acceptOnly(Secret("ticket-2"))
            let provider = fixture.provider(store, ticketTimeout: .seconds(60))
            async let token = provider.token(for: tenants[0], goodFor: .zero)
            try await eventually { fixture.platform.ticketRequests == 1 }
            #expect(try await store.app(shop).ticketMadeAt == nil)
            let event = AppEvent.ticket(Secret("ticket-2"), madeAt: fixture.clock.now.addingTimeInterval(1))
            #expect(try await store.receive(event, id: "e1", of: shop))
            _ = try await token
            #expect(fixture.platform.ticketRequests == 1)
            #expect(fixture.platform.appCalls == 2)
        }
    }

    @Test("The wait for a ticket ends after its timeout")
    func ticketTimeout() async throws {
        try await withShop(ticket: false) { fixture, store, _, tenants in
            let start = fixture.clock.now
            let error = await #expect(throws: LarkError.self) {
                try await fixture.provider(store, ticketTimeout: .seconds(150)).token(for: tenants[0], goodFor: .zero)
            }
            #expect(
                error?.summary
                    == "there is no app_ticket of shop yet; a new one was requested 150 s ago and has not arrived "
                    + "after 150 s of waiting")
            #expect((150..<152).contains(fixture.clock.now.timeIntervalSince(start)))
        }
    }

    @Test(
        "The error for a missing ticket says when it was requested, also by another process, and how long it was waited for"
    )
    func ticketRequestedBefore() async throws {
        try await withShop(ticket: false) { fixture, store, shop, tenants in
            let record = try await store.read { try store.app(shop, in: $0) }
            #expect(try await store.claimTicketRequest(of: record) == nil)
            fixture.clock.advance(42)
            let error = await #expect(throws: LarkError.self) {
                try await fixture.provider(store, ticketTimeout: .seconds(150)).token(for: tenants[0], goodFor: .zero)
            }
            #expect(error?.summary.contains("requested 192 s ago and has not arrived after 150 s of waiting") == true)
            #expect(fixture.platform.ticketRequests == 0)
        }
    }

    @Test("A remembered error of a store app names the app in its remedy")
    func rememberedRemedy() async throws {
        try await withShop { fixture, store, shop, tenants in
            fixture.platform.fail(.wrongSecret)
            for _ in 1...2 {
                let error = await #expect(throws: LarkError.self) {
                    try await fixture.provider(store).token(for: tenants[0], goodFor: .zero)
                }
                #expect(error?.remedy?.action as? PlatformAction == .replaceAppSecret(of: shop))
            }
        }
    }

    @Test("An older ticket never replaces a newer one, even a rejected one; tickets survive the process")
    func forwardOnly() async throws {
        try await withShop { fixture, store, shop, _ in
            let now = fixture.clock.now
            let record = try await store.read { try store.app(shop, in: $0) }
            func newest() async throws -> String? { try await store.ticket(of: record)?.secret.revealedText }
            for (id, ticket, age) in [("a", "older", -3600.0), ("b", "newer", 10), ("c", "between", 5)] {
                let event = AppEvent.ticket(Secret(ticket), madeAt: now.addingTimeInterval(age))
                #expect(try await store.receive(event, id: id, of: shop))
            }
            #expect(try await newest() == "newer")
            let reopened = try await fixture.open(.existing)
            #expect(try await reopened.ticket(of: record)?.secret == Secret("newer"))
            try await store.drop(try #require(try await store.ticket(of: record)), of: record)
            _ = try await store.receive(
                .ticket(Secret("between"), madeAt: now.addingTimeInterval(5)), id: "d", of: shop)
            #expect(try await newest() == nil)
        }
    }

    @Test("A ticket from a clock far ahead is replaced by those that follow")
    func ticketFromTheFuture() async throws {
        try await withShop { fixture, store, shop, _ in
            let ahead = AppEvent.ticket(Secret("ahead"), madeAt: Date(timeIntervalSince1970: 9e15))
            _ = try await store.receive(ahead, id: "a", of: shop)
            fixture.clock.advance(3600)
            _ = try await store.receive(.ticket(Secret("next"), madeAt: fixture.clock.now), id: "b", of: shop)
            let record = try await store.read { try store.app(shop, in: $0) }
            #expect(try await store.ticket(of: record)?.secret == Secret("next"))
        }
    }

    @Test("A ticket that an operator sets counts as the newest, even after one from a clock ahead or a rejected one")
    func operatorsTicket() async throws {
        try await withShop { fixture, store, shop, _ in
            let ahead = AppEvent.ticket(Secret("ahead"), madeAt: fixture.clock.now.addingTimeInterval(9000))
            _ = try await store.receive(ahead, id: "a", of: shop)
            let record = try await store.read { try store.app(shop, in: $0) }
            for text in ["first", "second"] {
                try await store.setTicket(Secret(text), of: shop)
                #expect(try await store.ticket(of: record)?.secret == Secret(text))
                try await store.drop(try #require(try await store.ticket(of: record)), of: record)
            }
        }
    }

    @Test("A repeated event changes nothing")
    func eventOnce() async throws {
        try await withShop { fixture, store, shop, _ in
            let gone = Installation(tenantKey: try TenantKey("k"), state: .uninstalled, changedAt: fixture.clock.now)
            #expect(try await store.receive(.installation(gone), id: "e", of: shop))
            let open = Installation(
                tenantKey: gone.tenantKey, state: .enabled, changedAt: gone.changedAt.addingTimeInterval(5))
            #expect(try await !store.receive(.installation(open), id: "e", of: shop))
            #expect(try await store.app(shop).installations == [gone])
            // Sent before the other, and received after it.
            let old = Installation(
                tenantKey: gone.tenantKey, state: .enabled, changedAt: gone.changedAt.addingTimeInterval(-5))
            #expect(try await store.receive(.installation(old), id: "f", of: shop))
            #expect(try await store.app(shop).installations == [gone])
        }
    }
}
