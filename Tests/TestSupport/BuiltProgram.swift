import FoundationEssentials
import Glibc
import Subprocess
import Synchronization
public import SystemPackage

/// A program of this package as it was built, to be run as a user runs it.
public struct BuiltProgram: Sendable {
    /// How a run ended, and what it wrote.
    public struct Ending: Sendable {
        /// The exit status; for a process ended by a signal, 128 and the signal's number, as a shell shows it.
        public let status: Int32
        /// Whether it crashed: a signal ended it that only a fault of its own sends. The report is in ``errors``.
        public let isCrash: Bool
        /// What it wrote to stdout, byte for byte.
        public let output: [UInt8]
        /// What it wrote to stderr.
        public let errors: String

        /// What it wrote to stdout, as text.
        public var text: String { String(decoding: output, as: UTF8.self) }

        /// The lines of stdout.
        public var lines: [String] { text.split(separator: "\n").map(String.init) }
    }

    private let path: FilePath

    /// A program by its name, or any other by its whole path.
    ///
    /// A name is looked up in the directory that `LARKIMG_TEST_PRODUCTS` names, so that the tests run the release
    /// build that users install; without it, beside the tests' own binary.
    public init(_ name: String) {
        // Without /proc, the run itself fails and says that there is no such program.
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let products = ProcessInfo.processInfo.environment["LARKIMG_TEST_PRODUCTS"].map { FilePath($0) }
        path =
            name.hasPrefix("/")
            ? FilePath(name) : (products ?? FilePath(own).removingLastComponent()).appending(name)
    }

    /// Its path.
    public var executable: FilePath { path }

    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - arguments: as a shell would pass them.
    ///   - environment: all there is; nothing is inherited.
    ///   - folder: where it runs.
    ///   - input: what stdin holds.
    ///   - wrapper: a command in front of it, such as `strace -f`.
    ///   - body: what happens while it runs; gets its process id.
    /// - Throws: `SubprocessError` when it cannot be run; what the body throws, unless the program crashed.
    public func run(
        _ arguments: [String], environment: [String: String], in folder: FilePath, input: String = "",
        wrapper: [String] = [], body: @escaping @Sendable (Int32) async throws -> Void = { _ in }
    ) async throws -> Ending {
        let failure = Mutex<(any Error)?>(nil)
        let words = wrapper + [path.string] + arguments
        let variables = Dictionary(
            uniqueKeysWithValues: Self.crashReports.merging(environment) { _, new in new }
                .compactMap { name, value in Environment.Key(rawValue: name).map { ($0, value) } })
        let result = try await Subprocess.run(
            words[0].contains("/") ? .path(FilePath(words[0])) : .name(words[0]),
            arguments: Arguments(Array(words.dropFirst())), environment: .custom(variables),
            workingDirectory: folder,
            input: .fileDescriptor(try Self.file(holding: input), closeAfterSpawningProcess: true),
            output: .bytes(limit: 64 << 20),
            error: .string(limit: 1 << 20)
        ) { execution in
            do {
                try await body(execution.processIdentifier.value)
            } catch {
                // The program goes on to its end, so that a crash that made the body fail is reported.
                failure.withLock { $0 = error }
                kill(execution.processIdentifier.value, SIGTERM)
            }
        }
        let (status, signal): (Int32, Int32?) =
            switch result.terminationStatus {
            case .exited(let code): (code, nil)
            case .signaled(let signal): (128 + signal, signal)
            }
        let isCrash = signal.map([SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP].contains) ?? false
        if !isCrash, let failure = failure.withLock({ $0 }) { throw failure }
        return Ending(
            status: status, isCrash: isCrash, output: result.standardOutput, errors: result.standardError)
    }

    /// Asks Swift's runtime for a report of a crash, which the product itself does not print. The program that writes
    /// it comes with the toolchain; a statically linked product cannot find it by itself.
    private static let crashReports: [String: String] = {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let reporters = path.split(separator: ":").map { "\($0)/../libexec/swift/linux/swift-backtrace" }
        guard let reporter = reporters.first(where: { access($0, X_OK) == 0 }) else { return [:] }
        return [
            "SWIFT_BACKTRACE":
                "enable=yes,color=no,interactive=no,threads=crashed,images=none,swift-backtrace=\(reporter)"
        ]
    }()

    /// A nameless file to read stdin from. A pipe would be a race: a program may end before it has read anything.
    private static func file(holding text: String) throws -> FileDescriptor {
        let number = open("/tmp", __O_TMPFILE | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw Errno(rawValue: errno) }
        let file = FileDescriptor(rawValue: number)
        try file.writeAll(text.utf8)
        try file.seek(offset: 0, from: .start)
        return file
    }
}
