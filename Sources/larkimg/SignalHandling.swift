import ArgumentParser
import Glibc
import Synchronization
import UnixSignals

/// Ends work cleanly when the user, or the system, wants it to end.
enum SignalHandling {
    /// Runs a body; the first SIGINT or SIGTERM cancels it, and the command ends as one ended by that signal does.
    ///
    /// - Throws: `ExitCode` 130 or 143 after a signal; what the body throws.
    static func ending(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await watching { signals in
            for await signal in signals {
                // Whoever asks twice will not wait for us to clean up.
                Glibc.signal(signal == .sigint ? SIGINT : SIGTERM, SIG_DFL)
                throw ExitCode(status(of: signal))
            }
        } during: {
            try await body()
        }
    }

    /// Runs a body that can stop by itself: the first signal asks it to, the second cancels it.
    ///
    /// - Parameter body: gets something in its stream when it shall begin nothing more.
    /// - Throws: `ExitCode` 130 or 143 after a signal; what the body throws.
    static func finishing(_ body: @escaping @Sendable (AsyncStream<Void>) async throws -> Void) async throws {
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
                    Terminal.reportIfRead("larkimg: finishing what is under way; once more abandons it\n")
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
