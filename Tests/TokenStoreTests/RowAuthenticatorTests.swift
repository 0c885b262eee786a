import Database
import FoundationEssentials
import LarkAPI
import TestSupport
import Testing

@testable import TokenStore

@Suite("Without the key, no row written to the file gives a token")
struct RowAuthenticatorTests {
    /// A change of the file by a process that does not have the key.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        init(_ testDescription: String, _ sql: String) {
            self.testDescription = testDescription
            self.sql = sql
        }
    }

    static let tenantChanges = [
        Change(
            "two tenants exchange their apps",
            """
            CREATE TEMP TABLE was AS SELECT name, app FROM tenant WHERE name <> 'third';
            UPDATE tenant SET app = (SELECT app FROM was WHERE was.name <> tenant.name) WHERE name <> 'third'
            """),
        Change("a tenant without a code", "UPDATE tenant SET authentication_code = NULL WHERE name <> 'third'"),
        Change(
            "a tenant with the code of another",
            """
            UPDATE tenant SET authentication_code =
                (SELECT authentication_code FROM tenant WHERE name = 'third') WHERE name <> 'third'
            """),
    ]

    @Test("A tenant that was pointed to another app is an error, for this tenant alone", arguments: tenantChanges)
    func tenants(_ change: Change) async throws {
        try await withStore { fixture, store, acme in
            let globex = try TenantName("globex")
            let third = try TenantName("third")
            try await store.addTenant(globex, app: StoreFixture.app("cli_b", secret: "another-secret"))
            try await store.addTenant(third, app: StoreFixture.app("cli_c", secret: "third-secret"))
            let provider = fixture.provider(store)
            for tenant in [acme, globex, third] { _ = try await provider.token(for: tenant, goodFor: .zero) }
            let calls = fixture.platform.calls
            try await fixture.raw().write { try $0.executeScript(change.sql) }
            for tenant in [acme, globex] {
                let error = await #expect(throws: StoreError.self) {
                    try await provider.token(for: tenant, goodFor: .zero)
                }
                #expect(error?.code == .sealBroken)
                #expect(error?.remedy?.action as? StoreAction == .removeTenant(tenant))
                await #expect(throws: StoreError.self) { try await store.credentials(of: tenant) }
                await #expect(throws: StoreError.self) { try await store.updateTenant(tenant, app: StoreFixture.app()) }
            }
            #expect(fixture.platform.calls == calls)
            _ = try await provider.token(for: third, goodFor: .zero)
            #expect(try await store.tenants().count == 3)
            #expect(try await store.check().findings.count == 2)
            for tenant in [acme, globex] {
                try await store.removeTenant(tenant)
                try await store.addTenant(tenant, app: StoreFixture.app())
                _ = try await provider.token(for: tenant, goodFor: .zero)
            }
            _ = try await provider.token(for: third, goodFor: .zero)
            #expect(try await store.check().findings == [])
        }
    }

    @Test("A tenant of a store app that was given another tenant_key is an error")
    func tenantKeys() async throws {
        try await withStore { fixture, store, _ in
            let shop = try AppName("shop")
            try await store.addApp(shop, StoreFixture.app("cli_s"), settings: EventSettings())
            let tenant = try TenantName("installed")
            try await store.addTenant(tenant, app: shop, tenantKey: TenantKey("mine"))
            try await fixture.raw()
                .write { try $0.executeScript("UPDATE tenant SET tenant_key = 'yours' WHERE name = 'installed'") }
            let error = await #expect(throws: StoreError.self) {
                try await fixture.provider(store).token(for: tenant, goodFor: .zero)
            }
            #expect(error?.code == .sealBroken)
        }
    }

    static let clientChanges = [
        Change("a client gets another tenant", "INSERT INTO client_tenant VALUES ('reports', 'globex')"),
        Change("a client loses a tenant", "DELETE FROM client_tenant WHERE client = 'reports'"),
        Change(
            "an expired secret lives on", "UPDATE client_secret SET expires_at = NULL WHERE client = 'reports'"),
        Change("a client gets the code of another", "UPDATE client SET authentication_code = zeroblob(32)"),
        Change(
            "a client gets the secret of another",
            "UPDATE client_secret SET client = 'reports' WHERE client = 'audit'"),
    ]

    @Test("A client whose tenants or secrets were changed is an error", .inFile, arguments: clientChanges)
    func clients(_ change: Change) async throws {
        try await withStore { fixture, store, acme in
            let (reports, audit) = (try ClientName("reports"), try ClientName("audit"))
            try await store.addTenant(TenantName("globex"), app: StoreFixture.app("cli_b"))
            let secret = try await store.addClient(reports, tenants: [acme], lifetime: .seconds(60))
            let other = try await store.addClient(audit, tenants: [], lifetime: nil)
            #expect(try await store.grant(for: secret)?.tenants == [acme])
            try await fixture.raw().write { try $0.executeScript(change.sql) }
            for presented in [secret, other] {
                do {
                    let grant = try await store.grant(for: presented)
                    #expect(grant?.client == audit && grant?.tenants == [])
                } catch let error as StoreError {
                    #expect(error.code == .sealBroken)
                }
            }
            await #expect(throws: StoreError.self) { try await store.rotateSecret(of: reports, lifetime: nil) }
            await #expect(throws: StoreError.self) { try await store.updateClient(reports, tenants: [acme]) }
            await #expect(throws: StoreError.self) { try await store.endOldSecret(of: reports) }
            // Removing a tenant changes a client's rows as well, but makes no such client valid.
            try await store.removeTenant(acme)
            #expect(try await store.check().findings.contains { $0.hasPrefix("reports: ") })
            try await store.removeClient(reports)
            _ = try await store.addClient(reports, tenants: [], lifetime: nil)
        }
    }

    @Test("A client that was inserted is not served")
    func insertedClient() async throws {
        try await withStore { fixture, store, acme in
            let own = try await store.addClient(ClientName("reports"), tenants: [acme], lifetime: nil)
            let made = ClientSecret()
            try await fixture.raw()
                .write { connection in
                    try connection.execute("INSERT INTO client (name, created_at) VALUES ('evil', 1)")
                    try connection.execute("INSERT INTO client_tenant (client, tenant) VALUES ('evil', 'acme')")
                    try connection.execute(
                        "INSERT INTO client_secret (id, client, digest, created_at) VALUES (?, 'evil', ?, 1)",
                        [made.id, Array(made.digest)])
                }
            let error = await #expect(throws: StoreError.self) { try await store.grant(for: made.secret) }
            #expect(error?.code == .sealBroken)
            #expect(try await store.grant(for: own)?.tenants == [acme])
            #expect(try await store.check().findings.count == 1)
            try await store.removeClient(ClientName("evil"))
            #expect(try await store.check().findings == [])
        }
    }

    @Test("A client stays valid through every change that larkimg makes")
    func ownChanges() async throws {
        try await withStore { _, store, acme in
            let reports = try ClientName("reports")
            let globex = try TenantName("globex")
            try await store.addTenant(globex, app: StoreFixture.app("cli_b"))
            _ = try await store.addClient(reports, tenants: [acme, globex], lifetime: .seconds(600))
            let secret = try await store.rotateSecret(of: reports, lifetime: nil)
            try await store.endOldSecret(of: reports)
            try await store.updateClient(reports, tenants: [globex, acme])
            try await store.updateTenant(acme, app: StoreFixture.app("cli_c", secret: "new"))
            #expect(try await store.grant(for: secret)?.tenants == [acme, globex])
            try await store.removeTenant(globex)
            #expect(try await store.grant(for: secret)?.tenants == [acme])
            #expect(try await store.check().findings == [])
        }
    }
}
