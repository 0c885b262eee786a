import Database
import FoundationEssentials
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("Sealed values open only where they were sealed")
struct SealingTests {
    /// A change behind the store's back.
    struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
    }

    @Test(
        "A value that was moved, or whose row was changed, does not open", .inFile,
        arguments: [
            Tampering(
                testDescription: "secrets swapped between apps",
                sql: """
                    CREATE TEMP TABLE was AS SELECT id, sealed_secret FROM app;
                    UPDATE app SET sealed_secret = (SELECT sealed_secret FROM was WHERE was.id <> app.id)
                    """),
            Tampering(
                testDescription: "tokens swapped between tenants",
                sql: """
                    CREATE TEMP TABLE was AS SELECT app, sealed_token FROM token;
                    UPDATE token SET sealed_token = (SELECT sealed_token FROM was WHERE was.app <> token.app)
                    """),
            Tampering(
                testDescription: "a secret in the place of a token",
                sql: "UPDATE token SET sealed_token = (SELECT sealed_secret FROM app WHERE id = token.app)"),
            Tampering(
                testDescription: "a token made to live longer", sql: "UPDATE token SET expires_at = expires_at + 9"),
            Tampering(testDescription: "another host", sql: "UPDATE app SET host = 'https://evil.example'"),
            Tampering(testDescription: "another app_id", sql: "UPDATE app SET app_id = 'cli_evil'"),
            Tampering(
                testDescription: "a bit of the seal",
                sql:
                    "UPDATE app SET sealed_secret = CAST(substr(sealed_secret, 1, 20) || x'00' || substr(sealed_secret, 22) AS BLOB); UPDATE token SET sealed_token = x''"
            ),
        ])
    func tampering(_ tampering: Tampering) async throws {
        try await withStore { fixture, store, acme in
            let other = try TenantName("other")
            try await store.addTenant(other, app: StoreFixture.app("cli_b", secret: "another-secret"))
            for tenant in [acme, other] { _ = try await fixture.provider(store).token(for: tenant, goodFor: .zero) }
            try await fixture.raw().write { try $0.executeScript(tampering.sql) }
            for tenant in [acme, other] {
                let error = await #expect(throws: StoreError.self) {
                    try await store.checkToken(of: .tenant(tenant))
                    _ = try await store.credentials(of: tenant)
                }
                #expect(error?.code == .sealBroken)
            }
            let findings = try await store.check().findings
            #expect(Set(findings.compactMap { $0.split(separator: ":").first }) == ["acme", "other"], "\(findings)")
        }
    }

    @Test("A cached token that does not open is listed, replaced by a new one, and stops no other tenant", .inFile)
    func damagedToken() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            let first = try await provider.token(for: acme, goodFor: .zero)
            try await fixture.raw().write { try $0.executeScript("UPDATE token SET sealed_token = x'00'") }
            #expect(try await store.tenants().map(\.name) == [acme])
            #expect(try await store.tenant(acme).tokenExpiresAt == first.expiresAt)
            let second = try await provider.token(for: acme, goodFor: .zero)
            #expect(second != first)
            #expect(try await store.check().findings.isEmpty)
            #expect(try await provider.token(for: acme, goodFor: .zero) == second)
        }
    }

    @Test("A damaged secret stops its own tenant alone, and can be set again", .inFile)
    func damagedSecret() async throws {
        try await withStore { fixture, store, acme in
            let other = try TenantName("other")
            try await store.addTenant(other, app: StoreFixture.app("cli_b", secret: "another-secret"))
            try await fixture.raw()
                .write {
                    try $0.executeScript("UPDATE app SET sealed_secret = x'00' WHERE app_id = 'cli_b'")
                }
            let provider = fixture.provider(store)
            await #expect(throws: StoreError.self) { try await provider.token(for: other, goodFor: .zero) }
            _ = try await provider.token(for: acme, goodFor: .zero)
            #expect(try await store.tenants().count == 2)
            try await store.updateTenant(other, app: StoreFixture.app("cli_b", secret: "another-secret"))
            _ = try await provider.token(for: other, goodFor: .zero)
            try await store.removeTenant(other)
        }
    }

    @Test("A secret that does not open can be replaced, and the error says so: only what is kept is opened", .inFile)
    func replacedSecrets() async throws {
        try await withStore { fixture, store, acme in
            let shop = try AppName("shop")
            let settings = EventSettings(verificationToken: Secret("canary-vt"), encryptKey: Secret("canary-ek"))
            try await store.addApp(shop, StoreFixture.app("cli_s"), settings: settings)
            try await fixture.raw()
                .write {
                    try $0.executeScript(
                        "UPDATE app SET sealed_secret = zeroblob(60), sealed_encrypt_key = zeroblob(60)")
                }
            let tenantError = await #expect(throws: StoreError.self) { try await store.credentials(of: acme) }
            #expect(tenantError?.remedy?.action as? StoreAction == .replaceTenantSecret(acme))
            let appError = await #expect(throws: StoreError.self) { try await store.credentials(of: shop) }
            #expect(appError?.remedy?.action as? StoreAction == .replaceAppSecret(shop))
            let eventError = await #expect(throws: StoreError.self) { try await store.eventSettings(of: shop) }
            #expect(eventError?.remedy?.action as? StoreAction == .replaceEventKeys(shop))
            #expect(try await store.tenants().count == 1)
            #expect(try await store.apps().count == 1)

            let tenant = try await store.credentials(of: acme, replacingSecret: Secret("again"))
            #expect(tenant.appID.text == "cli_a")
            try await store.updateTenant(acme, app: tenant)
            let app = try await store.credentials(of: shop, replacingSecret: Secret("again"))
            let replaced = try await store.eventSettings(
                of: shop, replacing: EventSettings(encryptKey: Secret("new-ek")))
            #expect(replaced.verificationToken == Secret("canary-vt"))
            try await store.updateApp(shop, app, settings: replaced)
            #expect(try await store.credentials(of: shop).appSecret == Secret("again"))
            #expect(try await store.check().findings == [])
        }
    }

    @Test("A row copied from a store with the same key does not open in another", .inFile)
    func acrossStores() async throws {
        try await withStore { fixture, store, acme in
            let location = StoreLocation(
                store: fixture.folder.appending("second.sqlite").string, key: fixture.location.key.string)
            let second = try await Store.open(at: location, mode: .createIfMissing, timing: fixture.clock.timing)
            let copying = """
                ATTACH '\(fixture.location.store.string)' AS first;
                INSERT INTO app SELECT * FROM first.app;
                INSERT INTO tenant SELECT * FROM first.tenant;
                """
            // Neither the tenant's code nor the secret is valid there.
            let ending = try await BuiltProgram("/usr/bin/sqlite3")
                .run([location.store.string], environment: [:], in: fixture.folder.path, input: copying)
            try #require(ending.status == 0, "\(ending.errors)")
            let error = await #expect(throws: StoreError.self) { try await second.credentials(of: acme) }
            #expect(error?.code == .sealBroken)
        }
    }

    @Test("Neither secret nor token is in any file, in clear, hex or base64, also after they are gone", .inFile)
    func canaries() async throws {
        try await withShop(ticket: false) { fixture, store, shop, tenants in
            try await store.setTicket(Secret("canary-ticket-in-clear"), of: shop)
            fixture.platform.repeatToken("t-canary-token-in-clear")
            _ = try await fixture.provider(store).token(for: tenants[0], goodFor: .zero)
            let acme = try TenantName("acme")
            try await store.addTenant(acme, app: StoreFixture.app())
            try await store.updateTenant(acme, app: StoreFixture.app(secret: "canary-secret-2"))
            let secret = try await store.addClient(ClientName("web"), tenants: tenants, lifetime: nil)
            try await store.backup(to: fixture.folder.appending("copy"))
            let texts = [
                "canary-secret", "canary-vt", "canary-ek", "canary-ticket-in-clear", "t-canary-token-in-clear",
                secret.revealedText,
            ]
            let canaries =
                texts.flatMap { text in
                    let bytes = Array(text.utf8)
                    return [bytes, Array(Data(bytes).base64EncodedString().utf8.dropLast(3)), Array(hex(bytes).utf8)]
                }
            for name in try fixture.folder.names() where !name.hasSuffix(".locks") {
                let bytes = try fixture.folder.read(name)
                for canary in canaries { #expect(!bytes.contains(canary), "\(name)") }
            }
        }
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
