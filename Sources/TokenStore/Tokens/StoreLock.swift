import FoundationEssentials
import LarkAPI

/// A lock between the processes that use a store, on one token or on a host.
///
/// It saves requests and is not needed for safety: two renewals at once do no harm.
protocol StoreLock: Sendable {
    /// Takes the lock if it is free.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    func tryAcquire() async throws -> Bool

    /// Whether the lock is free at this moment.
    ///
    /// - Throws: as ``tryAcquire()``.
    func isFree() async throws -> Bool

    /// Releases the lock, if held.
    func release() async

    /// How long a waiter pauses between two looks, in milliseconds; the random part keeps waiters out of step.
    var pauses: ClosedRange<Int> { get }
}

extension Store {
    /// Runs a body with a lock, which the body may take, and releases it.
    ///
    /// - Throws: ``StoreError`` when there can be no lock; what the body throws.
    func withLock<Result>(_ name: String, _ body: (any StoreLock) async throws -> Result) async throws -> Result {
        let lock = try makeLock(name)
        do {
            let result = try await body(lock)
            await lock.release()
            return result
        } catch {
            await lock.release()
            throw error
        }
    }

    private func makeLock(_ name: String) throws -> any StoreLock {
        location.server == nil
            ? try ProcessLock(name, in: location.locks) : LeaseLock(name, in: database, store: location.name)
    }
}

/// The end of a wait for locks.
enum LockWait<Result> {
    /// This process has one of the locks.
    case locked
    /// The holder, or another process, has produced the result.
    case result(Result)
    case timedOut

    private static var checkInterval: Duration { .seconds(1) }

    /// Waits for one of several locks, or for the result that their holders are to produce.
    ///
    /// - Parameters:
    ///   - timeout: measured by the clock. A clock that is turned back during the wait does not extend it.
    ///   - clocks: the clock, and the pauses.
    ///   - result: called every second, and when a lock is free, before trying for it.
    /// - Throws: errors of the locks and of `result`; `CancellationError`.
    static func wait(
        for locks: [any StoreLock], timeout: Duration, clocks: Clocks, orUntil result: () async throws -> Result?
    ) async throws -> LockWait {
        var waited = Duration.zero
        var sinceCheck = Duration.zero
        var last = clocks.now()
        let pauses = locks.first?.pauses ?? 0...0
        while waited < timeout {
            let pause = Duration.milliseconds(pauses.lowerBound + Int(Double(pauses.count - 1) * clocks.random()))
            try await clocks.sleep(pause)
            let now = clocks.now()
            let elapsed = max(pause, .seconds(now.timeIntervalSince(last)))
            last = now
            waited += elapsed
            sinceCheck += elapsed
            var isDue = sinceCheck >= checkInterval
            for lock in locks where !isDue { isDue = try await lock.isFree() }
            guard isDue else { continue }
            sinceCheck = .zero
            if let result = try await result() { return .result(result) }
            for lock in locks { if try await lock.tryAcquire() { return .locked } }
        }
        return .timedOut
    }
}
