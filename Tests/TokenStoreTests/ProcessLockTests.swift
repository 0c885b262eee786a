import FoundationEssentials
import LarkAPI
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("A lock between processes", .timeLimit(.minutes(10)))
struct ProcessLockTests {
    @Test("Of ten thousand times that the lock is taken, it is never held twice at once")
    func exclusive() async throws {
        try await withTemporaryFolder { folder in
            let holders = Occupancy()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...4 {
                    group.addTask {
                        while holders.entries < 10_000 {
                            let lock = try ProcessLock("x.lock", in: folder.appending("locks"))
                            defer { lock.release() }
                            if lock.tryAcquire() {
                                #expect(holders.enter() == 1)
                                await Task.yield()
                                holders.leave()
                            } else {
                                // The holder needs a thread to go on.
                                await Task.yield()
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(holders.entries >= 10_000)
            #expect(
                try folder.names(in: "locks") == ["x.lock"], "the file stays, so that all processes lock the same one")
        }
    }

    @Test("None of fifty processes that wait for a renewal waits a second longer than it takes", .inFile)
    func longestWait() async throws {
        try await withStore(clock: TestClocks(waitsForReal: true)) { fixture, store, acme in
            let release = fixture.platform.hold()
            let holder = Task { try await fixture.provider(store).token(for: acme, goodFor: .seconds(60)).text }
            try await eventually { fixture.platform.calls == 1 }
            let clocks = (1...50).map { _ in TestClocks(waitsForReal: true) }
            let waiters = clocks.map { clocks in
                // A provider with an operation of its own, as in a process of its own.
                let provider = StoredTokenProvider(
                    store: store, clocks: clocks.timing, endpoint: fixture.platform.endpoint(fixture.clock),
                    ticketTimeout: { .zero })
                return Task { try await provider.token(for: acme, goodFor: .seconds(60)).text }
            }
            try await eventually { clocks.allSatisfy { $0.waits.count >= 3 } }
            release()
            #expect(try await holder.value == "t-1")
            let before = clocks.map { $0.waits.reduce(.zero, +) }
            for (index, waiter) in waiters.enumerated() {
                #expect(try await waiter.value == "t-1")
                #expect(clocks[index].waits.reduce(.zero, +) - before[index] < .seconds(1))
            }
            #expect(fixture.platform.calls == 1)
        }
    }
}

/// How many hold a lock at once, and how often it was taken.
private final class Occupancy: Sendable {
    private let counts = Mutex((inside: 0, entries: 0))

    var entries: Int { counts.withLock { $0.entries } }

    /// How many hold the lock now, this one included.
    func enter() -> Int {
        counts.withLock { counts in
            counts.inside += 1
            counts.entries += 1
            return counts.inside
        }
    }

    func leave() { counts.withLock { $0.inside -= 1 } }
}
