import Glibc
import LarkAPI
import SystemPackage

/// A lock file, of one token or of the service, held with `flock`, which the kernel gives up when the holder dies.
///
/// The lock is for economy, not for safety: two renewals at once do no harm. The file is never removed: whoever waits
/// for a removed file and whoever makes a new one would both hold "the" lock. The holder has it exclusively; those
/// who wait try for a shared one, which all of them get at once when the holder is done.
struct ProcessLock {
    private let file: FileDescriptor

    /// Opens a lock file, makes it where it is missing.
    ///
    /// - Parameters:
    ///   - name: the file's name in the folder.
    ///   - folder: of the store's own, for its owner only.
    /// - Throws: ``StoreError`` `cannotCreate` or `unsafePlace`.
    init(_ name: String, in folder: FilePath) throws {
        do {
            file = try Self.open(folder.appending(name))
        } catch Errno.noSuchFileOrDirectory {
            try StoreFile.createFolder(folder)
            do {
                file = try Self.open(folder.appending(name))
            } catch let error as Errno {
                throw Self.unusable(folder, error)
            }
        } catch let error as Errno {
            throw Self.unusable(folder, error)
        }
    }

    private static func open(_ path: FilePath) throws -> FileDescriptor {
        try FileDescriptor.open(
            path, .readWrite, options: [.create, .closeOnExec, .noFollow], permissions: .ownerReadWrite)
    }

    private static func unusable(_ folder: FilePath, _ error: Errno) -> StoreError {
        StoreError(
            .cannotCreate, "no lock file can be made in \(folder): \(error.description.lowercased())",
            remedy: "Check the folder's permissions and the disk", underlying: error
        )
    }

    /// Gives up the lock, if held, and the file.
    func close() {
        // The descriptor is gone whatever close says, and nothing was written.
        try? file.close()
    }

    /// Takes the lock if nobody has it.
    func tryExclusive() -> Bool { flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 }

    /// Whether nobody holds it exclusively at this moment.
    func isFree() -> Bool {
        guard flock(file.rawValue, LOCK_SH | LOCK_NB) == 0 else { return false }
        flock(file.rawValue, LOCK_UN)
        return true
    }

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
