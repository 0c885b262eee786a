import Crypto
import FoundationEssentials
import LarkAPI
import PosixFiles
import SystemPackage

/// A lock between the processes that use a store: on one token, on a host, or of the auth service.
///
/// It saves requests and is not needed for safety: two renewals at once do no harm. The holder has it exclusively;
/// waiters try for a shared lock, which all of them get at once when the holder is done.
struct ProcessLock {
    private let lock: FileLock

    /// Opens a lock file; creates it, and its directory, if missing.
    ///
    /// - Parameter directory: the store's directory of locks, accessible to its owner only.
    /// - Throws: ``StoreError`` `cannotCreate` or `unsafeLocation`.
    init(_ name: String, in directory: FilePath) throws {
        do {
            do {
                lock = try FileLock(directory.appending(name))
            } catch Errno.noSuchFileOrDirectory {
                try StoreFile.createDirectory(directory)
                lock = try FileLock(directory.appending(name))
            }
        } catch let error as Errno {
            throw StoreError(
                .cannotCreate, "cannot create a lock file in \(directory): \(error.description.lowercased())",
                remedy: "Check the directory's permissions and the disk", underlying: error
            )
        }
    }

    /// Releases the lock, if held.
    func close() { lock.close() }

    /// Takes the lock if no other process holds it.
    func tryExclusive() -> Bool { lock.tryExclusive() }

    /// Whether no process holds the lock exclusively at this moment.
    func isFree() -> Bool { lock.isFree() }

    /// The part of a lock file's name that stands for a text of any length.
    static func digest(of text: String) -> String {
        Hexadecimal.text(SHA256.hash(data: Array(text.utf8)))
    }
}

extension ProcessLock {
    /// The end of a wait.
    enum WaitOutcome<Result> {
        /// This process has one of the locks.
        case locked
        /// The holder, or another process, has produced the result.
        case result(Result)
        case timedOut
    }

    private static let checkInterval = Duration.seconds(1)

    /// Waits for one of several locks, or for the result that their holders are to produce.
    ///
    /// - Parameters:
    ///   - timeout: measured by the clock. A clock that is turned back during the wait does not extend it.
    ///   - clocks: the clock, and the pauses of 10 to 40 ms, whose random part keeps waiters out of step.
    ///   - result: called every second, and when a lock is free, before trying for it.
    /// - Throws: errors of `result`; `CancellationError`.
    static func wait<Result>(
        for locks: [ProcessLock], timeout: Duration, clocks: Clocks, orUntil result: () async throws -> Result?
    ) async throws -> WaitOutcome<Result> {
        var waited = Duration.zero
        var sinceCheck = Duration.zero
        var last = clocks.now()
        while waited < timeout {
            let pause = Duration.milliseconds(10 + Int(30 * clocks.random()))
            try await clocks.sleep(pause)
            let now = clocks.now()
            let elapsed = max(pause, .seconds(now.timeIntervalSince(last)))
            last = now
            waited += elapsed
            sinceCheck += elapsed
            guard sinceCheck >= checkInterval || locks.contains(where: { $0.isFree() }) else { continue }
            sinceCheck = .zero
            if let result = try await result() { return .result(result) }
            if locks.contains(where: { $0.tryExclusive() }) { return .locked }
        }
        return .timedOut
    }
}
