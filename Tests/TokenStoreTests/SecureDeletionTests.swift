import Database
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("Deleted values are erased from the file")
struct SecureDeletionTests {
    @Test("After an update and a removal, not even the sealed bytes of secrets and tokens are in the store", .inFile)
    func ciphertext() async throws {
        try await withStore { fixture, store, acme in
            let globex = try TenantName("globex")
            try await store.addTenant(globex, app: StoreFixture.app("cli_globex", secret: "canary-secret-3"))
            for tenant in [acme, globex] {
                _ = try await fixture.provider(store).token(for: tenant, goodFor: .zero)
            }
            let raw = try await fixture.raw()
            let sealed: [[UInt8]] = try await raw.read { connection in
                try connection.values("SELECT sealed_secret FROM app UNION ALL SELECT sealed_token FROM token")
            }
            #expect(sealed.count == 4)
            let file = try fixture.folder.read("store.sqlite")
            // From behind the nonce on; two bytes more or less than SQLite's pages hold make no difference.
            let canaries = sealed.map { Array($0.dropFirst(16).prefix(16)) }
            #expect(canaries.allSatisfy { file.contains($0) })
            try await store.updateTenant(acme, app: StoreFixture.app(secret: "canary-secret-2"))
            try await store.removeTenant(globex)
            // The token of the old secret cannot be reached; the next one replaces it.
            _ = try await fixture.provider(store).token(for: acme, goodFor: .zero)
            for name in try fixture.folder.names() where name.hasPrefix("store.sqlite") && !name.hasSuffix(".locks") {
                let bytes = try fixture.folder.read(name)
                for canary in canaries { #expect(!bytes.contains(canary), "\(name)") }
            }
        }
    }
}
