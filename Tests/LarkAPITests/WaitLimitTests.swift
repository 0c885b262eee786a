import LarkAPI
import Synchronization
import TestSupport
import Testing

@Suite("An operation whose caller waits for a limited time", .timeLimit(.minutes(1)))
struct WaitLimitTests {
    /// Clocks on which a wait ends at once, or never.
    private func clocks(ends: Bool) -> Clocks {
        var clocks = TestClocks().timing
        clocks.sleep = { _ in
            guard !ends else { return }
            // check: allowed, ended by cancellation
            try await Task.sleep(for: .seconds(3600))
        }
        return clocks
    }

    @Test("After the limit the caller goes on, and so does the operation")
    func exceeded() async throws {
        let (release, isReleased) = (AsyncStream.makeStream(of: Void.self), StopFlag())
        await #expect(throws: WaitLimitExceeded.self) {
            try await withWaitLimit(.seconds(1), clocks: clocks(ends: true)) {
                // A task that is not cancelled waits here.
                for await _ in release.stream { break }
                isReleased.set()
            }
        }
        release.continuation.yield()
        try await eventually { isReleased.isSet }
    }

    @Test("A cancelled caller does not wait for an operation that goes on")
    func cancelled() async throws {
        let caller = Task {
            try await withWaitLimit(.seconds(1), clocks: clocks(ends: false)) {
                // Never resumed, as with a connection that is cut.
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            }
        }
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
    }

    @Test("A result in time is returned, and an error thrown")
    func inTime() async throws {
        #expect(try await withWaitLimit(.seconds(1), clocks: clocks(ends: false)) { 42 } == 42)
        await #expect(throws: LarkError.self) {
            try await withWaitLimit(.seconds(1), clocks: clocks(ends: false)) {
                throw LarkError(.unavailable, "no", remedy: "")
            }
        }
    }
}
