import ArgumentParser
import Glibc
import UnixSignals

/// Ends work cleanly when the user, or the system, wants it to end.
enum Interruption {
    /// Runs a body; the first SIGINT or SIGTERM cancels it, and the command ends as one ended by that signal does.
    ///
    /// - Throws: `ExitCode` 130 or 143 after a signal; what the body throws.
    static func ending(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await signal in signals {
                    // Whoever asks twice will not wait for us to clean up.
                    Glibc.signal(signal == .sigint ? SIGINT : SIGTERM, SIG_DFL)
                    throw ExitCode(signal == .sigint ? ExitStatus.interrupted : ExitStatus.terminated)
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
