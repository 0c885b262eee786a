import Database
import FoundationEssentials
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("A store that is copied to another place", .timeLimit(.minutes(5)))
struct StoreCopyTests {
    /// A store with something in every table.
    private func withFullStore(
        _ body: (StoreFixture, Store, StoreLocation) async throws -> Void
    ) async throws {
        try await withShop(tenants: 5) { fixture, store, shop, tenants in
            let provider = fixture.provider(store)
            for tenant in tenants { _ = try await provider.token(for: tenant, goodFor: .zero) }
            let acme = try TenantName("acme")
            try await store.addTenant(acme, app: StoreFixture.app(), monthQuota: 10_000)
            fixture.platform.fail(.wrongSecret)
            await #expect(throws: LarkError.self) { try await provider.token(for: acme, goodFor: .zero) }
            fixture.platform.fail(.offline)
            let globex = try TenantName("globex")
            try await store.addTenant(globex, app: StoreFixture.app("cli_g"))
            await #expect(throws: LarkError.self) { try await provider.token(for: globex, goodFor: .zero) }
            for name in ["web", "cron"] {
                _ = try await store.addClient(ClientName(name), tenants: tenants, lifetime: nil)
            }
            var knowledge = ResourceKnowledge()
            knowledge.gone[try ImageReference("om_1/img_1")] = GoneResource(
                code: 234_003, reason: "not there", date: fixture.clock.now)
            knowledge.owners[try MessageID("om_2")] = try MessageID("om_3")
            try await store.learn(knowledge, about: acme)
            let target = StoreLocation(
                store: fixture.folder.appending("copy.sqlite").string, key: fixture.location.key.string)
            try await body(fixture, store, target)
        }
    }

    private func digests(_ database: any SQLDatabase) async throws -> [String] {
        try await database.read { connection in try StoredTable.all.map { "\(try $0.digest(in: connection))" } }
    }

    @Test("Every row is in the copy, and opens there")
    func equal() async throws {
        try await withFullStore { fixture, store, target in
            let result = try await store.copy(to: target)
            #expect(result.findings.isEmpty && result.tenants == 7)
            let copy = try await Store.open(at: target, timing: fixture.clock.timing)
            #expect(try await digests(copy.database) == digests(store.database))
            let acme = try TenantName("acme")
            let month = try await copy.monthCalls(of: [acme])[acme]
            #expect(month?.quota == 10_000)
            // A server's clock may show another month than the clock of the copy.
            if !StoreFixture.isOnServer { #expect(month?.calls == 1) }
            let provider = fixture.provider(copy)
            let calls = fixture.platform.calls
            let tenant = try TenantName("t1")
            #expect(
                try await provider.token(for: tenant, goodFor: .zero)
                    == fixture.provider(store).token(for: tenant, goodFor: .zero))
            #expect(fixture.platform.calls == calls, "the cached token was copied")
        }
    }

    @Test("Secrets that are added to the copy are newer than those of the store")
    func numbering() async throws {
        try await withFullStore { fixture, store, target in
            _ = try await store.copy(to: target)
            let copy = try await Store.open(at: target, timing: fixture.clock.timing)
            let web = try ClientName("web")
            let secret = try await copy.rotateSecret(of: web, lifetime: .seconds(3600))
            #expect(try await copy.grant(for: secret)?.client == web)
            #expect(try await copy.check().findings.isEmpty)
        }
    }

    /// Copies the store, changes the copy, and makes it one that was interrupted.
    ///
    /// - Returns: what was in the complete copy.
    private func interruptedCopy(
        of store: Store, at target: StoreLocation, _ changes: String...
    ) async throws -> [String] {
        _ = try await store.copy(to: target)
        let database = try await Store.open(at: target).database
        let whole = try await digests(database)
        try await database.write { connection in
            for change in changes { try connection.execute(change) }
            try connection.setSchema(
                applicationID: SchemaUpgrade.incompleteCopy, version: connection.schemaState().version)
        }
        await database.close()
        return whole
    }

    @Test("A copy that was interrupted is no store; it continues where it stopped")
    func resumed() async throws {
        try await withFullStore { fixture, store, target in
            let whole = try await interruptedCopy(
                of: store, at: target, "DELETE FROM client_secret", "DELETE FROM client_tenant",
                "DELETE FROM client WHERE name > 'cron'", "DELETE FROM token WHERE tenant_key > 'key1'")
            await #expect {
                try await Store.open(at: target)
            } throws: {
                ($0 as? StoreError)?.code == .incompleteCopy
            }
            _ = try await StoreCopy(source: store, target: target, batchSize: 2).run()
            #expect(try await digests(Store.open(at: target).database) == whole)
        }
    }

    @Test("What is left of a copy of another store is not used")
    func another() async throws {
        try await withFullStore { fixture, store, target in
            let whole = try await interruptedCopy(
                of: store, at: target, "UPDATE key_check SET store_id = '\(String(repeating: "0", count: 32))'",
                "DELETE FROM client_secret")
            _ = try await StoreCopy(source: store, target: target).run()
            #expect(try await digests(Store.open(at: target).database) == whole)
        }
    }

    @Test("A row that changed behind the copy is noticed, and copied")
    func changed() async throws {
        try await withFullStore { fixture, store, target in
            let whole = try await interruptedCopy(of: store, at: target, "UPDATE app SET updated_at = 1")
            _ = try await StoreCopy(source: store, target: target).run()
            #expect(try await digests(Store.open(at: target).database) == whole)
        }
    }

    @Test("A place that is not empty is refused, and not changed")
    func notEmpty() async throws {
        try await withFullStore { fixture, store, target in
            _ = try await store.copy(to: target)
            let before = try fixture.folder.read("copy.sqlite")
            try fixture.folder.write(Array("notes".utf8), to: "notes.txt")
            for name in ["copy.sqlite", "notes.txt"] {
                let target = StoreLocation(
                    store: fixture.folder.appending(name).string, key: fixture.location.key.string)
                await #expect(throws: StoreError.self) { try await store.copy(to: target) }
            }
            #expect(try fixture.folder.read("copy.sqlite") == before)
            #expect(try fixture.folder.read("notes.txt") == Array("notes".utf8))
        }
    }

    @Test("A copy under another key is refused before anything is copied")
    func wrongKey() async throws {
        try await withFullStore { fixture, store, target in
            let key = fixture.folder.appending("other-key")
            _ = try KeyFile.readOrCreate(key)
            await #expect {
                try await store.copy(to: StoreLocation(store: target.store.string, key: key.string))
            } throws: {
                ($0 as? StoreError)?.code == .wrongKey
            }
            #expect(try await store.copy(to: target).findings.isEmpty, "the file is still empty")
        }
    }

    @Test("Every table of the schema is copied")
    func tables() async throws {
        try await withFullStore { fixture, store, _ in
            let file = try await Store.open(
                at: StoreLocation(
                    store: fixture.folder.appending("new.sqlite").string, key: fixture.location.key.string),
                mode: .createIfMissing)
            let tables: [String] = try await file.database.read {
                try $0.values("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            }
            #expect(Set(tables) == Set(StoredTable.all.map(\.name) + ["key_check"]))
            // The tables that the tests fill, so that a copy without them would fail.
            let empty = try await store.database.read { connection in
                try StoredTable.all.filter { try connection.rows("SELECT 1 FROM \($0.name)").isEmpty }.map(\.name)
            }
            #expect(empty.sorted() == ["app_event", "installation"])
        }
    }

    #if PostgreSQL
    @Test("From a file to a server and back nothing changes", .enabled(if: StoreFixture.isOnServer))
    func thereAndBack() async throws {
        try await withFullStore { fixture, store, target in
            _ = try await store.copy(to: target)
            let file = try await Store.open(at: target, timing: fixture.clock.timing)
            try await withTestServer { server in
                let server = StoreLocation(server: try #require(server), key: target.key)
                #expect(try await file.copy(to: server).findings.isEmpty)
                let copy = try await Store.open(at: server, timing: fixture.clock.timing)
                #expect(try await digests(copy.database) == digests(store.database))
                let secret = try await copy.rotateSecret(of: ClientName("web"), lifetime: .seconds(3600))
                #expect(try await copy.grant(for: secret) != nil)
                await #expect(throws: StoreError.self) { try await file.copy(to: server) }
                await copy.database.close()
            }
        }
    }
    #endif
}
