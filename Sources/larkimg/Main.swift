import ArgumentParser
import Dispatch
import Logging

/// Where the process starts.
@main
enum Main {
    /// Parses the command line before any thread is started: help, the version and usage errors need none.
    static func main() {
        ProcessSetup.prepare()
        LoggingSystem.bootstrap { _ in StderrLogHandler() }
        do {
            _ = try Larkimg.parseAsRoot()
        } catch {
            Failure.end(error)
        }
        Task { await run() }
        dispatchMain()
    }

    private static func run() async {
        do {
            try await withLogger(Logger(label: "larkimg")) { _ in
                // A command is not Sendable, so the task parses one of its own.
                var command = try Larkimg.parseAsRoot()
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
            }
            Larkimg.exit()
        } catch {
            Failure.end(error)
        }
    }
}
