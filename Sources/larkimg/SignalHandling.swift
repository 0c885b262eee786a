import ArgumentParser
import Glibc
import Synchronization
import UnixSignals

/// Stops work cleanly on SIGINT and SIGTERM.
enum SignalHandling {
    /// Runs a closure; the first SIGINT or SIGTERM cancels it, and the exit status is that of the signal.
    ///
    /// - Throws: `ExitCode` 130 or 143 after a signal; what the body throws.
    static func cancelOnSignal(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await watching { signals in
            for await signal in signals {
                // A second signal ends the process at once.
                Glibc.signal(signal == .sigint ? SIGINT : SIGTERM, SIG_DFL)
                throw ExitCode(status(of: signal))
            }
        } during: {
            try await body()
        }
    }

    /// Runs a closure that can stop by itself: the first signal requests that, the second cancels it.
    ///
    /// - Parameter body: receives an element when it must not start anything more.
    /// - Throws: `ExitCode` 130 or 143 after a signal; what the body throws.
    static func stopOnSignal(_ body: @escaping @Sendable (AsyncStream<Void>) async throws -> Void) async throws {
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        let asked = Mutex<ExitCode?>(nil)
        do {
            try await watching { signals in
                for await signal in signals {
                    let code = ExitCode(status(of: signal))
                    guard asked.withLock({ $0 }) == nil else {
                        Glibc.signal(SIGINT, SIG_DFL)
                        Glibc.signal(SIGTERM, SIG_DFL)
                        throw code
                    }
                    asked.withLock { $0 = code }
                    stop.yield()
                    Terminal.reportIfRead("larkimg: finishing the downloads in flight; press Ctrl-C again to abort\n")
                }
            } during: {
                try await body(stops)
            }
        } catch is ExitCode where asked.withLock({ $0 != nil }) {}
        if let code = asked.withLock({ $0 }) { throw code }
    }

    private static func watching(
        _ watch: @escaping @Sendable (UnixSignalsSequence) async throws -> Void,
        during body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask { try await watch(signals) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static func status(of signal: UnixSignal) -> Int32 {
        signal == .sigint ? ExitStatus.interrupted : ExitStatus.terminated
    }
}
