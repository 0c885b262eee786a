import Database
import FoundationEssentials
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("A damaged store gives an error, never a crash and never another secret", .timeLimit(.minutes(10)))
struct DamagedStoreTests {
    /// A value that no larkimg writes.
    struct Damage: Sendable, CustomTestStringConvertible {
        let sql: String
        var testDescription: String { sql }
    }

    static let names: [Damage] = [
        "UPDATE app SET host = 'https://'", "UPDATE app SET app_id = 'no id'",
        "UPDATE app SET name = 'no name' WHERE name = 'shop'",
        "UPDATE tenant SET tenant_key = 'no key'", "UPDATE tenant SET tenant_key = '' WHERE name = 'installed'",
        "UPDATE client SET name = 'no name'", "UPDATE client_tenant SET tenant = ''",
        "UPDATE installation SET tenant_key = 'no key'", "UPDATE installation SET state = 'gone'",
        "UPDATE tenant SET quota_per_second = 2000, quota_per_minute = 5",
    ]
    .map(Damage.init(sql:))

    @Test("A stored name that is not valid is damage, whatever is asked for", .inFile, arguments: names)
    func invalidNames(_ damage: Damage) async throws {
        try await withFullStore { full in
            try await full.change(damage.sql)
            let codes = try await full.use()
            #expect(codes.contains(.damaged), "\(codes)")
        }
    }

    static let numbers: [Damage] = [
        "app.generation", "app.created_at", "tenant.created_at", "token.generation", "token.renewal",
        "token.obtained_at", "token.expires_at", "token.rejected_at", "renewal_failure.failures",
        "renewal_failure.failed_at", "renewal_failure.retry_at", "renewal_failure.http_status", "app_ticket.made_at",
        "app_ticket.asked_at", "installation.changed_at", "app_event.seen_at", "client.created_at",
        "client_secret.expires_at", "client_secret.number", "tenant.quota_per_minute",
    ]
    .flatMap { column in
        [Int64.min, -1, 1 << 60, .max]
            .map { number in
                let names = column.split(separator: ".")
                return Damage(sql: "UPDATE \(names[0]) SET \(names[1]) = \(number)")
            }
    }

    @Test(
        "A number out of its range is an error or taken as it is, in reading and in writing", .inFile,
        arguments: numbers)
    func extremeNumbers(_ damage: Damage) async throws {
        try await withFullStore { full in
            try await full.change(damage.sql)
            _ = try await full.use(writes: true)
        }
    }

    @Test("Every byte of the header and of every row, changed", .inFile, arguments: [UInt8(0x01), 0x0d, 0x55, 0xff])
    func changedCells(_ mask: UInt8) async throws {
        try await withFullStore { full in
            let sound = try full.bytes()
            let positions = Array(0..<100) + Self.cells(in: sound)
            #expect(positions.count > 1000)
            for (number, position) in positions.enumerated() {
                var bytes = sound
                bytes[position] ^= mask
                try full.fixture.folder.write(bytes, to: "store.sqlite")
                _ = try await full.use(writes: number % 16 == Int(mask) % 16, checks: number % 16 == 1)
            }
        }
    }

    @Test("A byte here and there of the whole file, changed; in a long run, every byte", .inFile)
    func changedFile() async throws {
        try await withFullStore { full in
            let sound = try full.bytes()
            let masks: [UInt8] = [0x55, 0x01, 0x0d, 0xff]
            for (number, position) in stride(from: 0, to: sound.count, by: max(1, 401 / TestLength.factor)).enumerated()
            {
                var bytes = sound
                bytes[position] ^= masks[number % masks.count]
                try full.fixture.folder.write(bytes, to: "store.sqlite")
                _ = try await full.use(writes: number % 16 == 0)
            }
        }
    }

    /// The positions of the rows' bytes: what lies between the pointers and the end of each leaf page, without the
    /// pages that hold the schema (sqlite.org, "Database File Format", 1.6).
    private static func cells(in file: [UInt8]) -> [Int] {
        let pageSize = 4096
        return stride(from: pageSize, to: file.count, by: pageSize)
            .flatMap { start -> Range<Int> in
                let isLeaf = file[start] == 0x0d || file[start] == 0x0a
                let first = Int(file[start + 5]) << 8 | Int(file[start + 6])
                let page = file[start..<start + pageSize]
                guard isLeaf, first > 0, !page.contains(Array("CREATE ".utf8)) else { return start..<start }
                return start + first..<start + pageSize
            }
    }

    /// Runs a body with a store that has at least one row in every table.
    private func withFullStore(_ body: (FullStore) async throws -> Void) async throws {
        try await withStore { fixture, store, acme in
            let shop = try AppName("shop")
            let installed = try TenantName("installed")
            try await store.addApp(
                shop, StoreFixture.app("cli_s"),
                settings: EventSettings(verificationToken: Secret("canary-vt"), encryptKey: Secret("canary-ek")))
            try await store.addTenant(installed, app: shop, tenantKey: TenantKey("key"), quota: RequestRate("7/s,70/m"))
            try await store.setTicket(Secret("ticket-1"), of: shop)
            let installation = Installation(
                tenantKey: try TenantKey("key"), state: .enabled, changedAt: fixture.clock.now)
            _ = try await store.receive(.installation(installation), id: "e1", of: shop)
            let provider = fixture.provider(store)
            let rejected = try await provider.token(for: acme, goodFor: .zero)
            try await provider.reject(rejected, for: acme)
            fixture.clock.advance(100)
            _ = try await provider.token(for: acme, goodFor: .zero)
            _ = try await provider.token(for: installed, goodFor: .zero)
            let state = try await store.state(of: .tenant(installed))
            try await store.remember(.wrongSecret, for: state)
            let secret = try await store.addClient(ClientName("reports"), tenants: [acme], lifetime: .seconds(9999))
            await store.database.close()
            try await body(
                FullStore(
                    fixture: fixture, acme: acme, installed: installed, shop: shop, clientSecret: secret,
                    key: fixture.folder.read("key")))
        }
    }
}

/// A store with rows in all tables, closed, and everything that can be done with it.
private struct FullStore {
    let fixture: StoreFixture
    let acme: TenantName
    let installed: TenantName
    let shop: AppName
    let clientSecret: Secret
    /// The store's key, which a use that writes replaces.
    let key: [UInt8]

    /// The store's file as it is.
    func bytes() throws -> [UInt8] { try fixture.folder.read("store.sqlite") }

    /// Changes the file past the schema's checks.
    func change(_ sql: String) async throws {
        let ending = try await BuiltProgram("/usr/bin/sqlite3")
            .run(
                [fixture.location.store.string], environment: [:], in: fixture.folder.path,
                input: "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; \(sql);")
        try #require(ending.status == 0, "\(ending.errors)")
    }

    /// Opens the store and does everything with it.
    ///
    /// - Parameters:
    ///   - writes: whether it is also changed.
    ///   - checks: whether every seal is opened too.
    /// - Returns: the codes of the errors that came.
    /// - Throws: any error that is not the store's own.
    func use(writes: Bool = false, checks: Bool = true) async throws -> Set<StoreError.Code> {
        try fixture.folder.write(key, to: "key")
        var codes: Set<StoreError.Code> = []
        func attempt(_ body: () async throws -> Void) async throws {
            do {
                try await body()
            } catch let error as StoreError {
                codes.insert(error.code)
            }
        }
        try await attempt {
            let store = try await fixture.open(.existing)
            try await read(store, attempt)
            if checks { try await attempt { _ = try await store.check() } }
            if writes { try await write(store, attempt) }
            await store.database.close()
        }
        return codes
    }

    private func read(_ store: Store, _ attempt: (() async throws -> Void) async throws -> Void) async throws {
        let now = fixture.clock.now
        try await attempt {
            let app = try await store.credentials(of: acme)
            #expect(app.appSecret == Secret("canary-secret") && app.host == .lark && app.appID.text == "cli_a")
        }
        for owner in [TokenOwner.tenant(acme), .tenant(installed), .app(shop)] {
            try await attempt {
                let state = try await store.state(of: owner)
                if let token = state.token { #expect(token.text.hasPrefix("t-")) }
                _ = state.validToken(at: now)
                if let failure = state.failure {
                    _ = failure.remembered(at: now)
                    _ = RenewalFailure(.wrongSecret, after: failure, at: now)
                }
                if state.app.name != nil { _ = try await store.ticket(of: state.app) }
            }
        }
        try await attempt { _ = try await store.tenants() }
        try await attempt { _ = try await store.quotaUse(of: store.tenants().map(\.name)) }
        try await attempt {
            _ = try await store.apps().map { $0.installations.map { $0.changedAt.formatted(.iso8601) } }
        }
        try await attempt { _ = try await store.clients().map(\.secretsExpireAt) }
        try await attempt {
            if let grant = try await store.grant(for: clientSecret) { #expect(!grant.client.text.isEmpty) }
        }
        try await attempt { _ = try await store.eventSettings() }
        try await attempt { _ = try await store.eventSettings(of: shop, replacing: EventSettings()) }
        try await attempt { _ = try await store.credentials(of: acme, replacingSecret: Secret("new")) }
        try await attempt { _ = try await store.credentials(of: shop) }
        try await attempt { _ = try await store.tenants(named: [acme, installed]) }
        try await attempt { _ = try await store.app(shop) }
        try await attempt { _ = try await store.clientSecretIDs() }
        try await attempt { try await store.proveReadable() }
        try await attempt { _ = try await store.quotaAccount(of: installed) }
    }

    private func write(_ store: Store, _ attempt: (() async throws -> Void) async throws -> Void) async throws {
        guard let token = TenantAccessToken("t-9", expiresAt: fixture.clock.now.addingTimeInterval(7200)) else {
            return
        }
        for owner in [TokenOwner.tenant(acme), .tenant(installed), .app(shop)] {
            try await attempt {
                let state = try await store.state(of: owner)
                try await store.remember(.wrongSecret, for: state)
                _ = try await store.keep(token, for: state)
                try await store.invalidate(token, of: owner)
            }
        }
        try await attempt { try await store.setTicket(Secret("ticket-2"), of: shop) }
        try await attempt {
            let app = try await store.state(of: .app(shop)).app
            _ = try await store.claimTicketRequest(of: app)
        }
        try await attempt {
            let event = AppEvent.ticket(Secret("ticket-3"), madeAt: fixture.clock.now)
            _ = try await store.receive(event, id: "e2", of: shop)
        }
        try await attempt { _ = try await store.rotateSecret(of: ClientName("reports"), lifetime: nil) }
        try await attempt { try await store.endOldSecret(of: ClientName("reports")) }
        try await attempt { try await store.updateClient(ClientName("reports"), tenants: [acme, installed]) }
        try await attempt { _ = try await store.addClient(ClientName("new"), tenants: [acme], lifetime: nil) }
        try await attempt { try await store.updateTenant(acme, app: StoreFixture.app()) }
        try await attempt { try await store.setQuota(.standard, of: installed) }
        try await attempt { try await store.updateApp(shop, StoreFixture.app("cli_s"), settings: EventSettings()) }
        try await attempt {
            try await store.addTenant(TenantName("new"), app: shop, tenantKey: TenantKey("key"), token: token)
        }
        try await attempt { _ = try await store.rotateKey() }
        try await attempt { _ = try await store.check() }
        try await attempt { try await store.removeTenant(installed) }
        try await attempt { try await store.removeTenant(TenantName("new")) }
        try await attempt { try await store.removeApp(shop) }
        try await attempt { try await store.removeClient(ClientName("reports")) }
    }
}
