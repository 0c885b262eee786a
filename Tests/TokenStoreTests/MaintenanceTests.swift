import Database
import FoundationEssentials
import LarkAPI
import Migrations
import PosixFiles
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("Schema, backup and check")
struct MaintenanceTests {
    @Test("The migrations in the binary are the files of the folder, in their order")
    func migrationsMatchTheFolder() throws {
        let folder = FilePath(#filePath).removingLastComponent().appending("../../migrations/sqlite")
            .lexicallyNormalized()
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.string)
            .filter { $0.hasSuffix(".sql") }
            .sorted()
        let embedded = Migration.quotaLedger + Migration.all
        #expect(embedded.map(\.name) == files)
        for migration in embedded {
            let text = try String(contentsOfFile: folder.appending(migration.name).string, encoding: .utf8)
            #expect(migration.sql == text)
        }
    }

    @Test("A migration that fails leaves the store as it was")
    func failingMigration() async throws {
        try await withTemporaryFolder { folder in
            let database = try await DatabaseFile(folder.write([], to: "x.sqlite")).open()
            let broken = [Migration(name: "V1", sql: "CREATE TABLE a (b); CREATE TABLE a (b)")]
            await #expect(throws: DatabaseError.self) { try await upgrade(to: broken).run(database, path: "x") }
            let state = try await database.read { try $0.schemaState() }
            #expect(state == SchemaState(applicationID: 0, version: 0, isEmpty: true))
        }
    }

    @Test("A store of an older release gets what it lacks, once, and keeps what it has")
    func olderStore() async throws {
        try await withTemporaryFolder { folder in
            let database = try await DatabaseFile(folder.write([], to: "x.sqlite")).open()
            let first = Migration(name: "V1", sql: "CREATE TABLE a (b); INSERT INTO a VALUES (1)")
            let second = Migration(name: "V2", sql: "ALTER TABLE a ADD COLUMN c; UPDATE a SET c = b + 1")
            try await upgrade(to: [first]).run(database, path: "x")
            try await upgrade(to: [first, second]).run(database, path: "x")
            try await upgrade(to: [first, second]).run(database, path: "x")
            let rows: [Int] = try await database.read { try $0.values("SELECT c FROM a") }
            #expect(rows == [2])
            await #expect(throws: StoreError.self) { try await upgrade(to: [first]).run(database, path: "x") }
        }
    }

    @Test(
        "A backup made while others write is a whole store; its file is private; a name that is taken is left alone",
        .inFile)
    func backup() async throws {
        try await withStore { fixture, store, acme in
            let copy = fixture.folder.appending("copy.sqlite")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 1...20 {
                        try await store.updateTenant(acme, app: StoreFixture.app(secret: "s\(number)"))
                    }
                }
                try await store.backup(to: copy)
                try await group.waitForAll()
            }
            #expect(FileStatus.of(copy)?.permissions == .ownerReadWrite)
            let restored = try await Store.open(
                at: StoreLocation(store: copy.string, key: fixture.location.key.string), timing: fixture.clock.timing)
            #expect(try await restored.check().findings == [])
            #expect(try await restored.tenants().map(\.name) == [acme])

            let before = try fixture.folder.read("copy.sqlite")
            let error = await #expect(throws: StoreError.self) { try await store.backup(to: copy) }
            #expect(error?.code == .cannotCreate)
            #expect(try fixture.folder.read("copy.sqlite") == before)
            #expect(try fixture.folder.names().filter { $0.hasSuffix(".part") } == [])
        }
    }

    @Test("Removing a tenant removes its app, secret and token")
    func remove() async throws {
        try await withStore { fixture, store, acme in
            _ = try await fixture.provider(store).token(for: acme, goodFor: .zero)
            try await store.removeTenant(acme)
            let error = await #expect(throws: StoreError.self) { try await store.tenant(acme) }
            #expect(error?.code == .unknownTenant)
            let rows = try await fixture.raw()
                .read { try $0.value("SELECT (SELECT count(*) FROM app) + (SELECT count(*) FROM token)") as Int? }
            #expect(rows == 0)
        }
    }

    @Test("Names that look alike are different tenants; the same name twice is refused")
    func names() async throws {
        try await withStore { fixture, store, acme in
            for name in ["Acme", "a:b", "a_b", "\u{E9}", "e\u{301}"] {
                try await store.addTenant(TenantName(name), app: StoreFixture.app())
            }
            #expect(try await store.tenants().count == 6)
            let error = await #expect(throws: StoreError.self) {
                try await store.addTenant(acme, app: StoreFixture.app())
            }
            #expect(error?.code == .tenantExists)
        }
    }
}

/// An upgrade of the store's to other steps than this release's.
private func upgrade(to migrations: [Migration]) -> SchemaUpgrade {
    SchemaUpgrade(applicationID: SchemaUpgrade.store.applicationID, migrations: migrations)
}
