import Database
import LarkAPI
import TestSupport
import Testing

@testable import TokenStore

@Suite(
    "Locks on a database server", .timeLimit(.minutes(5)), .enabled(if: StoreFixture.isOnServer, "a store on a server"))
struct LeaseLockTests {
    private func lock(_ store: Store) -> LeaseLock {
        LeaseLock("x.lock", in: store.database, store: store.location.name)
    }

    @Test("A lock that is held is not free for others; after its release it is")
    func exclusive() async throws {
        try await withStore { _, store, _ in
            let (first, second) = (lock(store), lock(store))
            let isAcquired = try await first.tryAcquire()
            #expect(isAcquired)
            #expect(try await !second.tryAcquire())
            #expect(try await !second.isFree())
            // What has no lease releases none.
            await second.release()
            #expect(try await !second.isFree())
            await first.release()
            #expect(try await second.isFree())
            #expect(try await second.tryAcquire())
            await second.release()
        }
    }

    @Test("Of fifty that try at once, one has the lock")
    func race() async throws {
        try await withStore { _, store, _ in
            let locks = (1...50).map { _ in lock(store) }
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for lock in locks { group.addTask { try await lock.tryAcquire() } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(winners == 1)
            for lock in locks { await lock.release() }
        }
    }

    @Test("The lease of a holder that died ends by the server's clock, after 15 seconds at most")
    func deadHolder() async throws {
        try await withStore { _, store, _ in
            func left() async throws -> Int64? {
                try await store.database.read { connection in
                    let now = try connection.sharedClock() ?? 0
                    let end: Int64? = try connection.value("SELECT lease_until FROM lease")
                    return end.map { $0 - now }
                }
            }
            let dead = lock(store)
            #expect(try await dead.tryAcquire())
            let time = try #require(try await left())
            #expect((0...15_000).contains(time))
            #expect(try await !lock(store).tryAcquire())
            // The time passes.
            try await store.database.write { try $0.execute("UPDATE lease SET lease_until = lease_until - 15000") }
            let next = lock(store)
            #expect(try await next.isFree())
            #expect(try await next.tryAcquire())
            // The one that was taken for dead releases nothing of its successor's.
            await dead.release()
            #expect(try await !lock(store).isFree())
            await next.release()
        }
    }
}
