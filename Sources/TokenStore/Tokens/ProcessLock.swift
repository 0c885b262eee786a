import Crypto
import FoundationEssentials
import LarkAPI
import PosixFiles
import SystemPackage

/// A lock file between the processes of one machine: on one token, on a host, or of the auth service.
///
/// The holder has it exclusively; waiters try for a shared lock, which all of them get at once when the holder is done.
struct ProcessLock: StoreLock {
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

    /// Takes the lock if no other process holds it.
    func tryAcquire() -> Bool { lock.tryExclusive() }

    /// Whether no process holds the lock exclusively at this moment.
    func isFree() -> Bool { lock.isFree() }

    /// Releases the lock, if held, and closes its file.
    func release() { lock.close() }

    var pauses: ClosedRange<Int> { 10...40 }

    /// The part of a lock file's name that stands for a text of any length.
    static func digest(of text: String) -> String {
        Hexadecimal.text(SHA256.hash(data: Array(text.utf8)))
    }
}
