import Database
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("Several processes at one store", .timeLimit(.minutes(30)))
struct ConcurrentStoreTests {
    /// Runs four writers, each with a store of its own, until the body is done.
    private func besideWriters(
        _ fixture: StoreFixture, _ acme: TenantName, _ body: () async throws -> Void
    ) async throws {
        let isDone = StopFlag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...4 {
                let store = try await fixture.open(.existing)
                group.addTask {
                    while !isDone.isSet {
                        _ = try await fixture.provider(store).token(for: acme, goodFor: .seconds(7300))
                    }
                }
            }
            defer { isDone.set() }
            try await body()
            isDone.set()
            try await group.waitForAll()
        }
    }

    @Test("Readers beside four writers always find a whole token")
    func readers() async throws {
        try await withStore(clock: TestClocks(waitsForReal: true)) { fixture, store, acme in
            _ = try await fixture.provider(store).token(for: acme, goodFor: .zero)
            try await besideWriters(fixture, acme) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 1...4 {
                        let reader = try await fixture.open(.existing)
                        group.addTask {
                            for _ in 1...250 * TestLength.factor {
                                let text = try await reader.state(of: .tenant(acme)).token?.text
                                #expect(text?.hasPrefix("t-") == true)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("Every backup made beside four writers is sound and opens", .inFile)
    func backups() async throws {
        try await withStore(clock: TestClocks(waitsForReal: true)) { fixture, store, acme in
            try await besideWriters(fixture, acme) {
                for number in 1...20 * TestLength.factor {
                    let copy = fixture.folder.appending("copy-\(number)")
                    try await store.backup(to: copy)
                    let location = StoreLocation(store: copy.string, key: fixture.location.key.string)
                    let opened = try await Store.open(at: location, mode: .existing, timing: fixture.clock.timing)
                    #expect(try await opened.tenants().count == 1)
                    #expect(try await opened.check().findings == [])
                }
            }
        }
    }
}
