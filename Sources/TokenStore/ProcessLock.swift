import LarkAPI
import PosixFiles
import SystemPackage

/// The lock on one token, or of the service, in the store's own directory of locks.
///
/// It saves requests and is not needed for safety: two renewals at once do no harm. The holder has it exclusively;
/// waiters try for a shared lock, which all of them get at once when the holder is done.
struct ProcessLock {
    private let lock: FileLock

    /// Opens a lock file; creates it, and its directory, if missing.
    ///
    /// - Parameters:
    ///   - name: the file's name in the directory.
    ///   - directory: of the store's own, for its owner only.
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

    /// Waits for the lock, or for what its holder was to do.
    ///
    /// - Parameters:
    ///   - limit: when the wait ends without either.
    ///   - timing: the waits, 10 to 40 ms each, and the dice that keep those who wait out of step.
    ///   - isDone: asked each time the lock was seen free, before trying for it.
    /// - Returns: what `isDone` found; nil when the lock was got, or the time was over.
    /// - Throws: what `isDone` throws; `CancellationError`.
    func wait<Found>(limit: Duration, timing: Clocks, isDone: () async throws -> Found?) async throws -> Found? {
        var waited = Duration.zero
        while waited < limit {
            let pause = Duration.milliseconds(10 + Int(30 * timing.random()))
            try await timing.sleep(pause)
            waited += pause
            guard isFree() else { continue }
            if let found = try await isDone() { return found }
            if tryExclusive() { return nil }
        }
        return nil
    }
}
