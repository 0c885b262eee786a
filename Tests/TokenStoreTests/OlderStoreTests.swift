import Database
import FoundationEssentials
import LarkAPI
import Migrations
import TestSupport
import Testing

@testable import TokenStore

@Suite("A store of an older release is upgraded when it is opened")
struct OlderStoreTests {
    @Test("It keeps its tenants, tokens and clients, and gets authentication codes", arguments: [2, 3, 4])
    func upgrade(from version: Int) async throws {
        try await withOlderStore(version) { fixture, clientSecret in
            let acme = try TenantName("acme")
            let store = try await fixture.open(.existing)
            #expect(try await fixture.provider(store).token(for: acme, goodFor: .zero).text == "t-old")
            #expect(try await store.credentials(of: acme).appSecret == Secret("canary-secret"))
            if version >= 4 { #expect(try await store.grant(for: clientSecret)?.tenants == [acme]) }
            #expect(try await store.check().findings == [])
            try await store.addApp(AppName("shop"), StoreFixture.app("cli_s"), settings: EventSettings())
            #expect(try await fixture.open(.existing).check().findings == [])
        }
    }

    @Test("With another key it stays as it is")
    func wrongKey() async throws {
        try await withOlderStore(4) { fixture, _ in
            try fixture.folder.write([UInt8](repeating: 1, count: 32), to: "key")
            let before = try fixture.folder.read("store.sqlite")
            let error = await #expect(throws: StoreError.self) { try await fixture.open(.existing) }
            #expect(error?.code == .wrongKey)
            #expect(try fixture.folder.read("store.sqlite") == before)
        }
    }

    @Test("Fifty processes that open it at once upgrade it once")
    func concurrentUpgrades() async throws {
        try await withOlderStore(4) { fixture, clientSecret in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...50 {
                    group.addTask {
                        let grant = try await fixture.open(.existing).grant(for: clientSecret)
                        #expect(grant != nil)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await fixture.open(.existing).check().findings == [])
        }
    }

    @Test(
        "A store of this release that was given an older schema is refused: its rows are not authenticated again",
        .inFile)
    func downgraded() async throws {
        try await withStore { fixture, store, _ in
            await store.database.close()
            try await fixture.raw()
                .write {
                    try $0.executeScript(
                        """
                        ALTER TABLE tenant DROP COLUMN authentication_code;
                        ALTER TABLE client DROP COLUMN authentication_code;
                        ALTER TABLE renewal_failure DROP COLUMN is_retryable;
                        ALTER TABLE renewal_failure DROP COLUMN names_retry;
                        ALTER TABLE app DROP COLUMN month_quota;
                        DROP TABLE host_outage;
                        DROP TABLE gone_resource;
                        DROP TABLE resource_owner;
                        ALTER TABLE app DROP COLUMN has_secret_reference;
                        PRAGMA user_version = 4;
                        """)
                }
            let before = try fixture.folder.read("store.sqlite")
            let error = await #expect(throws: StoreError.self) { try await fixture.open(.existing) }
            #expect(error?.code == .sealBroken)
            #expect(try fixture.folder.read("store.sqlite") == before)
        }
    }

    /// Runs a body with a store as a release with an older schema wrote it: the tenant `acme` with a fresh token, and
    /// since schema 4 a client with the secret.
    private func withOlderStore(
        _ version: Int, _ body: (StoreFixture, Secret) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let fixture = StoreFixture(folder)
            let sealer = Sealer(key: try KeyFile.readOrCreate(fixture.location.key))
            let storeID = "0123456789abcdef0123456789abcdef"
            let app = AppRecord(id: 7, name: nil, host: .lark, appID: try AppID("cli_a"), generation: 1)
            let clientSecret = ClientSecret()
            let now = fixture.clock.now.seconds
            try folder.write([], to: "store.sqlite")
            let database = try await fixture.raw()
            let migrations = Array(Migration.all.prefix(version))
            try await SchemaUpgrade(applicationID: SchemaUpgrade.store.applicationID, migrations: migrations)
                .run(database, path: "store.sqlite")
            try await database.write { connection in
                let check = SealContext.keyCheck(storeID: storeID, hasAuthenticatedRows: false)
                try connection.execute(
                    "INSERT INTO key_check (id, store_id, sealed) VALUES (1, ?, ?)",
                    [storeID, sealer.seal(Secret("larkimg"), for: check)])
                try connection.execute(
                    """
                    INSERT INTO app (id, host, app_id, sealed_secret, generation, created_at, updated_at)
                    VALUES (7, ?, 'cli_a', ?, 1, ?, ?)
                    """,
                    [
                        app.host.origin, sealer.seal(Secret("canary-secret"), for: .secret(of: app, storeID: storeID)),
                        now, now,
                    ])
                try connection.execute(
                    "INSERT INTO tenant (name, app, tenant_key, created_at) VALUES ('acme', 7, '', ?)", [now])
                let token = SealContext.token(
                    of: app, tenantKey: "", obtainedAt: now, expiresAt: now + 7200, storeID: storeID)
                try connection.execute(
                    """
                    INSERT INTO token (app, tenant_key, generation, renewal, sealed_token, obtained_at, expires_at)
                    VALUES (7, '', 1, 1, ?, ?, ?)
                    """,
                    [sealer.seal(Secret("t-old"), for: token), now, now + 7200])
                guard version >= 4 else { return }
                try connection.execute("INSERT INTO client (name, created_at) VALUES ('reports', ?)", [now])
                try connection.execute("INSERT INTO client_tenant (client, tenant) VALUES ('reports', 'acme')")
                try connection.execute(
                    "INSERT INTO client_secret (id, client, digest, created_at) VALUES (?, 'reports', ?, ?)",
                    [clientSecret.id, Array(clientSecret.digest), now])
            }
            await database.close()
            try await body(fixture, clientSecret.secret)
        }
    }
}
