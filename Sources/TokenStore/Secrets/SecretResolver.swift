import FoundationEssentials
public import LarkAPI
import Synchronization
import SystemPackage

/// Reads app_secrets where references say, for one process.
public struct SecretResolver: Sendable {
    /// Uses the environment of this process.
    public static let system = SecretResolver(environment: ProcessInfo.processInfo.environment)

    /// How long a program may take, and a file that does not respond.
    package static let timeout = Duration.seconds(10)
    /// The most that a file, a variable or a program may hold, in bytes.
    package static let byteLimit = 4096
    /// How long a failure is repeated before the next attempt, so that many callers do not run a failing program without
    /// a pause. Other processes are not affected: their environment may be another one.
    private static let cooldown = Duration.seconds(5)

    private final class Failures: Sendable {
        let recent = Mutex(ExpiringCache<SecretReference, StoreError>())
    }

    private let environment: [String: String]
    private let clocks: Clocks
    private let failures = Failures()

    /// Creates a resolver.
    ///
    /// - Parameters:
    ///   - environment: the variables that references name, and that programs get.
    ///   - clocks: measures the time limit.
    public init(environment: [String: String], clocks: Clocks = .system) {
        self.environment = environment
        self.clocks = clocks
    }

    /// Reads a secret. Nothing is cached but a failure, for five seconds.
    ///
    /// - Throws: ``StoreError`` `secretUnusable` or `secretUnavailable`, which never repeat what was read;
    ///   `CancellationError`.
    public func secret(_ reference: SecretReference) async throws -> Secret {
        let now = clocks.now()
        if let failure = failures.recent.withLock({ $0.value(for: reference, at: now) }) { throw failure }
        do {
            let bytes = try await bytes(reference)
            return try SecretText.secret(in: bytes, limit: Self.byteLimit)
        } catch {
            let failure = try failure(error, of: reference)
            let now = clocks.now()
            failures.recent.withLock { $0.insert(failure, for: reference, at: now, timeToLive: Self.cooldown) }
            throw failure
        }
    }

    private func bytes(_ reference: SecretReference) async throws -> [UInt8] {
        switch reference.source {
        case .environment(let name):
            guard let value = environment[name] else { throw NotThere(reason: "the variable is not set") }
            return Array(value.utf8)
        case .file(let path):
            return try await read(path)
        case .systemdCredential(let name):
            guard let directory = environment["CREDENTIALS_DIRECTORY"], directory.hasPrefix("/") else {
                throw NotThere(reason: "systemd passed no credentials to this process")
            }
            return try await read("\(directory)/\(name)")
        case .command(let words):
            let command = ExternalCommand(words, environment: environment, timeout: Self.timeout, clocks: clocks)
            return try await command.output(limit: Self.byteLimit)
        }
    }

    private func read(_ path: String) async throws -> [UInt8] {
        try await withWaitLimit(Self.timeout, clocks: clocks) {
            try await SecretFile.read(path, upTo: Self.byteLimit + 3)
        }
    }

    private struct NotThere: Error {
        let reason: String
    }

    /// - Throws: `CancellationError`, which is not a failure.
    private func failure(_ error: any Error, of reference: SecretReference) throws -> StoreError {
        let isFinal: Bool
        let reason: String
        switch error {
        case let error as SecretText.Unusable:
            (isFinal, reason) = (true, "what is there \(error.reason)")
        case let error as NotThere:
            (isFinal, reason) = (true, error.reason)
        case let error as ExternalCommand.Failure:
            (isFinal, reason) = (error == .notFound, error.description)
        case let error as Errno:
            let isInvalid = error == .invalidArgument
            (isFinal, reason) = (error != .ioError, isInvalid ? "not a regular file" : error.description.lowercased())
        case is WaitLimitExceeded:
            (isFinal, reason) = (false, "the file system does not respond")
        default:
            throw error
        }
        return StoreError(
            isFinal ? .secretUnusable : .secretUnavailable,
            "the app_secret cannot be read from \(reference): \(reason)",
            remedy: Remedy(reference.advice))
    }
}

extension SecretReference {
    /// What to do when it cannot be read.
    fileprivate var advice: String {
        switch source {
        case .environment(let name): "Set \(name) in the environment of this process"
        case .file: "Check the file and its permissions: it must hold only the secret, \(SecretText.form)"
        case .command: "Run the command to see why: it must print only the secret, and must not ask for anything"
        case .systemdCredential(let name): "Pass it to this process with LoadCredential=\(name):/PATH in its unit"
        }
    }
}
