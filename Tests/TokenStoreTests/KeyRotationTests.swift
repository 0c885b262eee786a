import Database
import FoundationEssentials
import Glibc
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("The key of a store can be replaced while the store is in use")
struct KeyRotationTests {
    @Test("Everything opens with the new key and nothing with the old one; processes that run go on", .inFile)
    func rotation() async throws {
        try await withFullStore { fixture, store, acme, installed, clientSecret in
            let old = try fixture.folder.read("key")
            let backup = fixture.folder.appending("backup")
            try await store.backup(to: backup)
            let provider = fixture.provider(store)
            let token = try await provider.token(for: acme, goodFor: .zero)
            let calls = fixture.platform.calls

            #expect(try await fixture.open(.existing).rotateKey() == 0)

            let new = try fixture.folder.read("key")
            #expect(new != old)
            #expect(try !fixture.folder.names().contains("key.new"))
            for store in [store, try await fixture.open(.existing)] {
                #expect(try await fixture.provider(store).token(for: acme, goodFor: .zero) == token)
                #expect(try await store.grant(for: clientSecret)?.tenants == [acme])
                #expect(try await store.credentials(of: acme).appSecret == Secret("canary-secret"))
                #expect(try await store.eventSettings(of: AppName("shop")).encryptKey == Secret("canary-ek"))
                #expect(try await store.check().findings == [])
            }
            _ = try await provider.token(for: installed, goodFor: .zero)
            #expect(fixture.platform.calls == calls)
            try await store.updateTenant(acme, app: StoreFixture.app(secret: "after"))
            #expect(try await fixture.open(.existing).credentials(of: acme).appSecret == Secret("after"))

            try fixture.folder.write(old, to: "old-key")
            let before = StoreLocation(
                store: fixture.location.store.string, key: fixture.folder.appending("old-key").string)
            let error = await #expect(throws: StoreError.self) { try await Store.open(at: before) }
            #expect(error?.code == .wrongKey)
            let copy = StoreLocation(store: backup.string, key: before.key.string)
            #expect(try await Store.open(at: copy, timing: fixture.clock.timing).check().findings == [])
        }
    }

    @Test("A rotation that ended before its commit changed nothing, and the next one starts again")
    func endedBeforeCommit() async throws {
        try await withFullStore { fixture, store, acme, _, _ in
            try KeyFile.createNext(beside: fixture.location.key)
            let reopened = try await fixture.open(.existing)
            #expect(try await reopened.credentials(of: acme).appSecret == Secret("canary-secret"))
            #expect(try await reopened.rotateKey() == 0)
            #expect(try await fixture.open(.existing).check().findings == [])
            #expect(try !fixture.folder.names().contains("key.new"))
        }
    }

    @Test("A rotation that ended after its commit is completed by the next process", .inFile, arguments: [false, true])
    func endedAfterCommit(rotatesAgain: Bool) async throws {
        try await withFullStore { fixture, store, acme, _, _ in
            let old = try fixture.folder.read("key")
            try await store.rotateKey()
            // As it was before the new key got its name.
            rename(fixture.location.key.string, KeyFile.next(fixture.location.key).string)
            try fixture.folder.write(old, to: "key")
            if rotatesAgain {
                #expect(try await store.rotateKey() == 0)
            } else {
                _ = try await fixture.open(.existing)
            }
            #expect(try !fixture.folder.names().contains("key.new"))
            for store in [store, try await fixture.open(.existing)] {
                #expect(try await store.credentials(of: acme).appSecret == Secret("canary-secret"))
                #expect(try await store.check().findings == [])
            }
        }
    }

    @Test("Values and rows that were damaged before stay so, and are counted", .inFile)
    func damagedValues() async throws {
        try await withFullStore { fixture, store, acme, installed, _ in
            try await fixture.raw()
                .write {
                    try $0.executeScript(
                        """
                        UPDATE app SET sealed_secret = x'00' WHERE app_id = 'cli_a';
                        UPDATE tenant SET tenant_key = 'other' WHERE name = 'installed';
                        """)
                }
            #expect(try await store.rotateKey() == 2)
            await #expect(throws: StoreError.self) { try await store.credentials(of: acme) }
            await #expect(throws: StoreError.self) { try await store.state(of: .tenant(installed)) }
            #expect(try await store.eventSettings(of: AppName("shop")).encryptKey == Secret("canary-ek"))
        }
    }

    @Test("A key file that is a link is refused, and the store keeps its key")
    func linkedKey() async throws {
        try await withFullStore { fixture, store, _, _, _ in
            rename(fixture.location.key.string, fixture.folder.appending("real").string)
            symlink("real", fixture.location.key.string)
            let error = await #expect(throws: StoreError.self) { try await store.rotateKey() }
            #expect(error?.code == .keyUnusable)
            let check = try await fixture.open(.existing).check()
            #expect(check.findings == [])
        }
    }

    @Test("Rotations, renewals and changes at the same time lose nothing")
    func concurrent() async throws {
        try await withFullStore { fixture, store, acme, _, clientSecret in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...5 {
                    group.addTask {
                        let other = try await fixture.open(.existing)
                        // Of two rotations at once, one is told to try again.
                        do { try await other.rotateKey() } catch let error as StoreError {
                            #expect(error.code == .busy)
                        }
                        try await other.addTenant(
                            TenantName("t\(number)"), app: StoreFixture.app(secret: "secret-\(number)"))
                    }
                    group.addTask {
                        for _ in 1...10 {
                            #expect(try await store.grant(for: clientSecret)?.tenants == [acme])
                            try await store.setTicket(Secret("ticket-\(number)"), of: AppName("shop"))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let reopened = try await fixture.open(.existing)
            for number in 1...5 {
                #expect(
                    try await reopened.credentials(of: TenantName("t\(number)")).appSecret == Secret("secret-\(number)")
                )
            }
            #expect(try await reopened.check().findings == [])
        }
    }

    /// Runs a body with a store that holds every kind of sealed value: the custom tenant `acme`, the tenant `installed` of
    /// the store app `shop`, their tokens, a ticket, and a client with the secret.
    private func withFullStore(
        _ body: (StoreFixture, Store, TenantName, TenantName, Secret) async throws -> Void
    ) async throws {
        try await withStore { fixture, store, acme in
            let shop = try AppName("shop")
            let installed = try TenantName("installed")
            try await store.addApp(
                shop, StoreFixture.app("cli_s"),
                settings: EventSettings(verificationToken: Secret("canary-vt"), encryptKey: Secret("canary-ek")))
            try await store.addTenant(installed, app: shop, tenantKey: TenantKey("key"))
            try await store.setTicket(Secret("ticket-1"), of: shop)
            let provider = fixture.provider(store)
            for tenant in [acme, installed] { _ = try await provider.token(for: tenant, goodFor: .zero) }
            let secret = try await store.addClient(ClientName("reports"), tenants: [acme], lifetime: .seconds(9999))
            try await body(fixture, store, acme, installed, secret)
        }
    }
}
