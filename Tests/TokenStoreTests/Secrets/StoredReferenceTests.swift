import Database
import FoundationEssentials
import LarkAPI
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("Stores with references to secrets", .timeLimit(.minutes(2)))
struct StoredReferenceTests {
    /// Runs a body with a store whose tenant `acme` has its app_secret in the file `secret`.
    private func withReference(
        _ body: (StoreFixture, Store, TenantName, SecretReference) async throws -> Void
    ) async throws {
        try await withStore(clock: TestClocks { $0 == SecretResolver.timeout }) { fixture, _, acme in
            try fixture.folder.write(Array("canary-from-file".utf8), to: "secret")
            let reference = try SecretReference("file:\(fixture.folder.path)/secret")
            let resolver = SecretResolver(environment: [:], clocks: fixture.clock.timing)
            let store = try await Store.open(at: fixture.location, timing: fixture.clock.timing, secrets: resolver)
            try await store.updateTenant(
                acme, app: AppCredentials(appID: AppID("cli_a"), secretReference: reference, host: .lark))
            try await body(fixture, store, acme, reference)
        }
    }

    @Test("A process that can write to the file, but has no key, can neither make a reference nor change one", .inFile)
    func forgery() async throws {
        for sql in [
            "UPDATE app SET has_secret_reference = 1 - has_secret_reference",
            "UPDATE app SET sealed_secret = CAST('exec:touch /tmp/canary' AS BLOB), has_secret_reference = 1",
            """
            CREATE TEMP TABLE secret AS SELECT id, sealed_secret FROM app;
            UPDATE app SET has_secret_reference = 1,
                sealed_secret = (SELECT sealed_secret FROM secret WHERE secret.id <> app.id)
            """,
            "UPDATE app SET host = 'https://evil.example'",
        ] {
            try await withReference { fixture, store, acme, _ in
                let globex = try TenantName("globex")
                try await store.addTenant(globex, app: StoreFixture.app("cli_g", secret: "exec:touch /tmp/canary"))
                try await fixture.raw().write { try $0.executeScript(sql) }
                let provider = fixture.provider(store)
                for tenant in [acme, globex] {
                    let error = await #expect(throws: StoreError.self, "\(sql)") {
                        try await provider.token(for: tenant, goodFor: .zero)
                    }
                    #expect(error?.code == .sealBroken, "\(String(describing: error))")
                }
                #expect(fixture.platform.calls == 0)
            }
        }
    }

    @Test("A renewal fails while the secret cannot be read; what to do names the tenant, and the next one works")
    func failure() async throws {
        try await withReference { fixture, store, acme, reference in
            try FileManager.default.removeItem(atPath: fixture.folder.appending("secret").string)
            let provider = fixture.provider(store)
            let error = await #expect(throws: StoreError.self) { try await provider.token(for: acme, goodFor: .zero) }
            #expect(error?.code == .secretUnusable)
            #expect(error?.description.contains("\(reference)") == true)
            #expect(error?.remedy?.action as? StoreAction == .updateTenant(acme))
            #expect(fixture.platform.calls == 0)
            try fixture.folder.write(Array("canary-from-file".utf8), to: "secret")
            // Another process, whose environment may be another one, is not affected by the failure.
            let other = try await fixture.open(.existing)
            #expect(try await fixture.provider(other).token(for: acme, goodFor: .zero).text == "t-1")
        }
    }

    @Test("A valid token is served while the secret cannot be read")
    func serving() async throws {
        try await withReference { fixture, store, acme, _ in
            let provider = fixture.provider(store)
            let token = try await provider.token(for: acme, goodFor: .zero)
            try FileManager.default.removeItem(atPath: fixture.folder.appending("secret").string)
            fixture.clock.advance(7200 - 600)
            #expect(try await provider.token(for: acme, goodFor: .zero) == token)
        }
    }

    @Test("A secret that is stored is not taken for a reference, whatever its text is")
    func secretLikeReference() async throws {
        try await withStore { _, store, acme in
            try await store.updateTenant(acme, app: StoreFixture.app(secret: "env:CANARY"))
            #expect(try await store.secretReference(of: acme) == nil)
            #expect(try await store.credentials(of: acme).appSecret == Secret("env:CANARY"))
        }
    }

    @Test("Neither the secret nor the reference is in the file in clear", .inFile)
    func sealed() async throws {
        try await withReference { fixture, store, acme, _ in
            _ = try await fixture.provider(store).token(for: acme, goodFor: .zero)
            let content = String(decoding: try fixture.folder.read("store.sqlite"), as: UTF8.self)
            #expect(!content.contains("canary-from-file") && !content.contains("file:/"))
        }
    }

    @Test("Each request reads the secret again: a new one behind the reference is used without any change here")
    func reading() async throws {
        try await withReference { fixture, store, acme, reference in
            let seen = Mutex<[Secret]>([])
            let clock = fixture.clock
            let endpoint = TokenEndpoint { request in
                if case .customTenant(let app) = request { seen.withLock { $0.append(app.appSecret) } }
                guard let token = TenantAccessToken("t", expiresAt: clock.now.addingTimeInterval(7200)) else {
                    throw LarkError.offline
                }
                return token
            } requestTicket: { _ in
            }
            let provider = StoredTokenProvider(store: store, clocks: clock.timing, endpoint: endpoint)
            _ = try await provider.token(for: acme, goodFor: .zero)
            try fixture.folder.write(Array("canary-2".utf8), to: "secret")
            clock.advance(7200)
            _ = try await provider.token(for: acme, goodFor: .zero)
            #expect(seen.withLock { $0 } == [Secret("canary-from-file"), Secret("canary-2")])
            #expect(try await store.secretReference(of: acme) == reference)
        }
    }

    @Test("A reference survives a new key, a copy, and a check, which does not read the secret")
    func maintenance() async throws {
        try await withReference { fixture, store, acme, reference in
            try FileManager.default.removeItem(atPath: fixture.folder.appending("secret").string)
            #expect(try await store.rotateKey() == 0)
            #expect(try await store.check().findings == [])
            let target = StoreLocation(
                store: fixture.folder.appending("copy.sqlite").string, key: fixture.location.key.string)
            #expect(try await store.copy(to: target).findings == [])
            #expect(try await Store.open(at: target).secretReference(of: acme) == reference)
        }
    }

    @Test("A store app's secret can be elsewhere too, and a stored one takes the place of a reference")
    func storeApp() async throws {
        try await withShop { fixture, _, shop, tenants in
            let resolver = SecretResolver(environment: ["SHOP_SECRET": "canary"])
            let store = try await Store.open(at: fixture.location, timing: fixture.clock.timing, secrets: resolver)
            let reference = try SecretReference("env:SHOP_SECRET")
            var app = AppCredentials(appID: try AppID("cli_s"), secretReference: reference, host: .lark)
            try await store.updateApp(shop, app, settings: EventSettings())
            #expect(try await store.secretReference(of: shop) == reference)
            #expect(try await store.credentials(of: shop).appSecret == Secret("canary"))
            #expect(try await fixture.provider(store).token(for: tenants[0], goodFor: .zero).text == "t-2")
            app = try StoreFixture.app("cli_s", secret: "stored")
            try await store.updateApp(shop, app, settings: EventSettings())
            #expect(try await store.secretReference(of: shop) == nil)
            #expect(try await store.credentials(of: shop).appSecret == Secret("stored"))
        }
    }
}
