import FoundationEssentials
import LarkAPI
import Synchronization
import TestSupport
import Testing

@testable import TokenStore

@Suite("One request for all callers", .timeLimit(.minutes(2)))
struct SingleFlightTests {
    @Test("The provider of stored tokens keeps the promises of every provider")
    func contract() async throws {
        try await withStore { fixture, store, acme in
            let platform = fixture.platform
            let source = TokenProviderContract.Source(calls: { platform.calls }, hold: { platform.hold() })
            try await TokenProviderContract(
                fixture.provider(store), tenant: acme, source: source, clock: fixture.clock
            )
            .holds(unknown: TenantName("nobody"))
        }
    }

    @Test("A cancelled caller leaves at once; the operation and the other callers go on")
    func cancelledWaiter() async throws {
        let flight = SingleFlight<String, Int>()
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let work: @Sendable () async throws -> Int = {
            for await _ in gate {}
            return 7
        }
        let leaving = Task { try await flight.value(for: "a", work) }
        let staying = Task { try await flight.value(for: "a", work) }
        try await eventually { await flight.waiters(for: "a") >= 2 }
        leaving.cancel()
        await #expect(throws: CancellationError.self) { try await leaving.value }
        #expect(await flight.waiters(for: "a") == 1)
        opener.finish()
        #expect(try await staying.value == 7)
        #expect(await !flight.isInFlight("a"))
    }

    @Test("A failure goes to all waiting callers and is not kept for the next")
    func failureEndsFlight() async throws {
        let flight = SingleFlight<String, Int>()
        await #expect(throws: LarkError.self) { try await flight.value(for: "a") { throw LarkError.offline } }
        #expect(try await flight.value(for: "a") { 1 } == 1)
    }

    @Test("Cancelling all operations ends them before it returns")
    func cancelAll() async throws {
        let flight = SingleFlight<String, Int>()
        let ended = Mutex(0)
        let operation: @Sendable () async throws -> Int = {
            let (stream, end) = AsyncStream.makeStream(of: Void.self)
            for await _ in stream {}
            end.finish()
            ended.withLock { $0 += 1 }
            throw CancellationError()
        }
        let callers = ["a", "b"].map { key in Task { try await flight.value(for: key, operation) } }
        for key in ["a", "b"] { try await eventually { await flight.waiters(for: key) == 1 } }
        await flight.cancelAll()
        let count = ended.withLock { $0 }
        #expect(count == 2)
        for caller in callers { await #expect(throws: CancellationError.self) { try await caller.value } }
        #expect(try await flight.value(for: "a") { 1 } == 1)
    }

    @Test(
        "A renewal whose caller was cancelled ends before the provider's client may be closed",
        arguments: [true, false])
    func renewalsEnd(fails: Bool) async throws {
        try await withStore { fixture, store, acme in
            let started = Mutex(false)
            let ended = Mutex(false)
            let provider = StoredTokenProvider(
                store: store, clocks: fixture.clock.timing,
                endpoint: TokenEndpoint { _ in
                    started.withLock { $0 = true }
                    let (stream, end) = AsyncStream.makeStream(of: Void.self)
                    for await _ in stream {}
                    end.finish()
                    ended.withLock { $0 = true }
                    throw CancellationError()
                } requestTicket: { _ in
                })
            do {
                try await provider.withRenewals {
                    let caller = Task { try await provider.token(for: acme, goodFor: .zero) }
                    try await eventually { started.withLock { $0 } }
                    caller.cancel()
                    await #expect(throws: CancellationError.self) { try await caller.value }
                    if fails { throw LarkError.offline }
                }
            } catch is LarkError {
                #expect(fails)
            }
            let hasEnded = ended.withLock { $0 }
            #expect(hasEnded)
        }
    }

    @Test("Fifty tasks that need a token share one request")
    func tasksShareACall() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            let open = fixture.platform.hold()
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 1...50 {
                    group.addTask { try await provider.token(for: acme, goodFor: .seconds(60)).text }
                }
                try await eventually {
                    await provider.renewals.waiters(for: .expired(.tenant(acme))) >= 50
                }
                open()
                for try await text in group { #expect(text == "t-1") }
            }
            #expect(fixture.platform.calls == 1)
        }
    }

    @Test("Callers that need a token for different times share one request")
    func differentMinimums() async throws {
        try await withStore { fixture, store, acme in
            let provider = fixture.provider(store)
            let open = fixture.platform.hold()
            try await withThrowingTaskGroup(of: String.self) { group in
                for minimum in 0..<50 {
                    group.addTask { try await provider.token(for: acme, goodFor: .seconds(minimum)).text }
                }
                try await eventually { await provider.renewals.waiters(for: .expired(.tenant(acme))) >= 50 }
                if !StoreFixture.isOnServer {
                    #expect(try fixture.folder.names(in: "store.sqlite.locks").count == 1)
                }
                open()
                for try await text in group { #expect(text == "t-1") }
            }
            #expect(fixture.platform.calls == 1)
        }
    }

    @Test("Ten processes that need a token share the request of the first, by the lock file")
    func processesShareACall() async throws {
        try await withStore(clock: TestClocks(waitsForReal: true)) { fixture, store, acme in
            let open = fixture.platform.hold()
            let first = fixture.provider(store)
            try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask { try await first.token(for: acme, goodFor: .seconds(60)).text }
                try await eventually { fixture.platform.calls >= 1 }
                // Each has its own store and provider: they share only the files with the first.
                for _ in 1...9 {
                    let other = fixture.provider(try await fixture.open(.existing))
                    group.addTask { try await other.token(for: acme, goodFor: .seconds(60)).text }
                }
                try await eventually { fixture.clock.waits.count >= 30 }
                open()
                for try await text in group { #expect(text == "t-1") }
            }
            #expect(fixture.platform.calls == 1)
        }
    }
}
