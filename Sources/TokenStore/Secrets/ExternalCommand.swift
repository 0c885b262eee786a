package import LarkAPI
import Subprocess
import SystemPackage

/// A program that is run for a short time, without a shell, a terminal and input.
package struct ExternalCommand: Sendable {
    /// Why a run gave no result. The texts never repeat what the program wrote.
    package enum Failure: Error, Hashable, CustomStringConvertible {
        case notFound
        case cannotRun(String)
        case exited(Int32)
        case killed(signal: Int32)
        case timedOut(Duration)
        case tooMuchOutput(limit: Int)

        package var description: String {
            switch self {
            case .notFound: "there is no such program, or it may not be run"
            case .cannotRun(let reason): "it cannot be run: \(reason)"
            case .exited(let status): "it ended with status \(status)"
            case .killed(let signal): "signal \(signal) ended it"
            case .timedOut(let limit): "it did not end within \(limit.components.seconds) s"
            case .tooMuchOutput(let limit): "it printed more than \(limit) bytes"
            }
        }
    }

    private let words: [String]
    /// All there is: nothing else is inherited.
    private let environment: [String: String]
    private let timeout: Duration
    private let clocks: Clocks

    package init(
        _ command: CommandWords, environment: [String: String], timeout: Duration, clocks: Clocks = .system
    ) {
        words = command.words
        self.environment = environment
        self.timeout = timeout
        self.clocks = clocks
    }

    /// Runs the program to its end, and returns what it wrote to stdout; stderr is dropped.
    ///
    /// - Parameter limit: the most bytes of output.
    /// - Throws: ``Failure``, also unless it ended with status 0; `CancellationError`. The program and what it started
    ///   are killed then.
    package func output(limit: Int) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { try await runToEnd(limit: limit) }
            group.addTask {
                try await clocks.sleep(timeout)
                throw Failure.timedOut(timeout)
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }

    private func runToEnd(limit: Int) async throws -> [UInt8] {
        let variables = Dictionary(
            uniqueKeysWithValues: environment.compactMap { name, value in
                Environment.Key(rawValue: name).map { ($0, value) }
            })
        do {
            let result = try await Subprocess.run(
                words[0].hasPrefix("/") ? .path(FilePath(words[0])) : .name(words[0]),
                arguments: Arguments(Array(words.dropFirst())), environment: .custom(variables),
                platformOptions: Self.options, input: .none, output: .bytes(limit: limit), error: .discarded)
            switch result.terminationStatus {
            case .exited(0): return result.standardOutput
            case .exited(let status): throw Failure.exited(status)
            case .signaled(let signal):
                try Task.checkCancellation()
                throw Failure.killed(signal: signal)
            }
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            switch error.code {
            case .executableNotFound: throw Failure.notFound
            case .outputLimitExceeded: throw Failure.tooMuchOutput(limit: limit)
            default:
                let reason = error.underlyingError?.description.lowercased() ?? "the system does not let it run"
                throw Failure.cannotRun(reason)
            }
        }
    }

    /// A session of its own keeps the program from the terminal, and lets everything that it started be killed with it.
    private static var options: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
        ]
        return options
    }
}
