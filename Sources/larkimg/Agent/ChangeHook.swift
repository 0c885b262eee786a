import FoundationEssentials
import Glibc
import LarkAPI
import PosixFiles
import SystemPackage
import TokenStore

/// What happens after a file with a token has changed: a signal to a process, or a program that is run.
enum ChangeHook: Sendable {
    case signal(Int32, pidFile: FilePath)
    case command(CommandWords)

    /// How long a program may take.
    private static let timeout = Duration.seconds(30)
    /// What a program may print, which is dropped, in bytes.
    private static let outputLimit = 1 << 20

    private static let signals = [
        "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT, "TERM": SIGTERM, "USR1": SIGUSR1, "USR2": SIGUSR2,
        "WINCH": SIGWINCH,
    ]

    /// Reads the value of `--on-change`: `HUP:/run/nginx.pid`, also `SIGHUP:…`, or a command.
    ///
    /// - Throws: ``CommandError``.
    init(_ text: String) throws {
        if let colon = text.firstIndex(of: ":") {
            let name = text[..<colon].hasPrefix("SIG") ? text[..<colon].dropFirst(3) : text[..<colon]
            let file = text[text.index(after: colon)...]
            if let number = Self.signals[String(name)], file.hasPrefix("/") {
                self = .signal(number, pidFile: FilePath(String(file)))
                return
            }
        }
        do {
            self = .command(try CommandWords(text))
        } catch let invalid as InvalidValue {
            throw CommandError(
                description: "--on-change takes a command or SIGNAL:/PID-FILE; a command takes \(invalid.rule)",
                remedy: "For example --on-change HUP:/run/nginx.pid, or --on-change 'systemctl reload nginx'")
        }
    }

    /// Does it.
    ///
    /// - Parameter environment: of a program.
    /// - Throws: ``ExternalCommand/Failure``; ``HookError``; `CancellationError`.
    func perform(environment: [String: String], on work: BlockingWork) async throws {
        switch self {
        case .signal(let number, let file):
            try await work.run { try Self.send(number, file) }
        case .command(let words):
            let command = ExternalCommand(words, environment: environment, timeout: Self.timeout)
            _ = try await command.output(limit: Self.outputLimit)
        }
    }

    /// A signal that could not be sent.
    struct HookError: Error, CustomStringConvertible {
        let description: String
    }

    private static func send(_ number: Int32, _ file: FilePath) throws {
        let bytes: [UInt8]
        do {
            let opened = try FileDescriptor.open(file, .readOnly, options: [.closeOnExec, .nonBlocking])
            bytes = try opened.closeAfter { try opened.readAll(upTo: 32) }
        } catch let error as Errno {
            throw HookError(description: "\(file) cannot be read: \(error.description.lowercased())")
        }
        // Zero and negative numbers would address groups of processes.
        let text = String(decoding: bytes, as: UTF8.self).prefix { !$0.isWhitespace }
        guard let process = pid_t(text), process > 0 else {
            throw HookError(description: "\(file) does not contain a process id")
        }
        guard kill(process, number) == 0 else {
            throw HookError(
                description: "the process \(process) gets no signal: \(Errno(rawValue: errno).description.lowercased())"
            )
        }
    }
}
