import Database
import FoundationEssentials
import LarkAPI
import TestSupport
import Testing

@testable import TokenStore

@Suite("What runs learn about the resources of messages")
struct ResourceMemoryTests {
    @Test("It is kept for the tenant it was learned about, and replaced by what is learned later")
    func kept() async throws {
        try await withStore { fixture, store, acme in
            let globex = try TenantName("globex")
            try await store.addTenant(globex, app: StoreFixture.app("cli_g"))
            let image = try ImageReference("om_1/img_1")
            let file = try ImageReference("om_1/img_1", type: .file)
            var first = ResourceKnowledge()
            first.gone[image] = GoneResource(code: 234_003, reason: "not in it", date: fixture.clock.now)
            first.gone[file] = GoneResource(code: 14_005, reason: "deleted", date: fixture.clock.now)
            first.owners[try MessageID("om_1")] = try MessageID("om_2")
            try await store.learn(first, about: acme)
            #expect(try await store.resourceKnowledge(of: acme) == first)
            #expect(try await store.resourceKnowledge(of: globex).count == 0)

            fixture.clock.advance(60)
            var second = ResourceKnowledge()
            second.gone[file] = GoneResource(code: 230_110, reason: "recalled", date: fixture.clock.now)
            second.delivered = [image]
            second.owners[try MessageID("om_1")] = try MessageID("om_3")
            try await store.learn(second, about: acme)
            let known = try await store.resourceKnowledge(of: acme)
            #expect(known.gone == second.gone)
            #expect(known.owners == second.owners)
        }
    }

    @Test("It goes with the tenant's app, and an unknown tenant is an error")
    func removed() async throws {
        try await withStore { fixture, store, acme in
            var knowledge = ResourceKnowledge()
            knowledge.owners[try MessageID("om_1")] = try MessageID("om_2")
            try await store.learn(knowledge, about: acme)
            try await store.removeTenant(acme)
            await #expect(throws: StoreError.self) { try await store.resourceKnowledge(of: acme) }
            await #expect(throws: StoreError.self) { try await store.learn(knowledge, about: acme) }
            try await store.addTenant(acme, app: StoreFixture.app())
            #expect(try await store.resourceKnowledge(of: acme).count == 0)
        }
    }

    @Test("A damaged row is left out, and hides no other", .inFile)
    func damaged() async throws {
        try await withStore { fixture, store, acme in
            var knowledge = ResourceKnowledge()
            for key in ["img_1", "img_2"] {
                knowledge.gone[try ImageReference("om_1/\(key)")] = GoneResource(
                    code: 234_003, reason: "not in it", date: fixture.clock.now)
            }
            try await store.learn(knowledge, about: acme)
            try await fixture.raw()
                .write {
                    try $0.executeScript("UPDATE gone_resource SET message_id = '../' WHERE resource_key = 'img_1'")
                }
            let known = try await store.resourceKnowledge(of: acme)
            #expect(known.gone.keys.map(\.key.text) == ["img_2"])
        }
    }
}
