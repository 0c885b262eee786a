import ArgumentParser
import Glibc
import Synchronization
import UnixSignals

/// Stops work cleanly on signals.
enum SignalHandling {
    /// Runs a closure; the first SIGINT or SIGTERM cancels it, and the exit status is that of the signal. Nothing else
    /// may follow: afterwards the process ignores these signals.
    ///
    /// - Parameter changesTerminal: whether SIGHUP and SIGQUIT do the same, so that the terminal is restored.
    /// - Throws: `ExitCode` of 128 and the number of the signal; what the body throws.
    static func cancelOnSignal(changesTerminal: Bool = false, _ body: @escaping @Sendable () async throws -> Void)
        async throws
    {
        try await watching([.sigint, .sigterm] + (changesTerminal ? [.sighup, .sigquit] : [])) { signals in
            for await signal in signals {
                // A second signal ends the process at once.
                Glibc.signal(signal.number, SIG_DFL)
                return ExitCode(128 + signal.number)
            }
            throw CancellationError()
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
            try await watching([.sigint, .sigterm]) { signals in
                for await signal in signals {
                    let code = ExitCode(128 + signal.number)
                    guard asked.withLock({ $0 }) == nil else {
                        Glibc.signal(SIGINT, SIG_DFL)
                        Glibc.signal(SIGTERM, SIG_DFL)
                        return code
                    }
                    asked.withLock { $0 = code }
                    stop.yield()
                    let note = "finishing the downloads in flight; press Ctrl-C again to abort"
                    Terminal.reportIfRead("larkimg: \(Language.current.text(note))\n")
                }
                throw CancellationError()
            } during: {
                try await body(stops)
            }
        } catch is ExitCode where asked.withLock({ $0 != nil }) {}
        if let code = asked.withLock({ $0 }) { throw code }
    }

    /// - Parameter code: waits for the signal that cancels the body, and returns the exit status.
    private static func watching(
        _ signals: [UnixSignal],
        _ code: @escaping @Sendable (UnixSignalsSequence) async throws -> ExitCode,
        during body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let signals = await UnixSignalsSequence(trapping: signals)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask { throw try await code(signals) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

extension UnixSignal {
    /// As `signal(7)` has it, of those that are handled here.
    fileprivate var number: Int32 {
        switch self {
        case .sigint: SIGINT
        case .sighup: SIGHUP
        case .sigquit: SIGQUIT
        default: SIGTERM
        }
    }
}
