import Glibc
package import SystemPackage

/// A lock between processes: `flock(2)` on a lock file. The kernel releases it when its holder dies.
///
/// The file is never removed: a process that waits for a removed file and one that creates a new file would both hold
/// "the" lock.
package struct FileLock: Sendable {
    private let file: FileDescriptor

    /// Opens a lock file and creates it if it is missing; takes no lock yet.
    ///
    /// - Throws: `Errno`.
    package init(_ path: FilePath) throws {
        file = try FileDescriptor.open(
            path, .readWrite, options: [.create, .closeOnExec, .noFollow], permissions: .ownerReadWrite)
    }

    /// Takes the lock if no other process holds it.
    package func tryExclusive() -> Bool { flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 }

    /// Whether no process holds the lock exclusively at this moment.
    ///
    /// This tries for a shared lock, which all that look can have at the same time.
    package func isFree() -> Bool {
        guard flock(file.rawValue, LOCK_SH | LOCK_NB) == 0 else { return false }
        flock(file.rawValue, LOCK_UN)
        return true
    }

    /// Releases the lock, if held, and closes the file.
    package func close() {
        // The descriptor is gone whatever close returns, and nothing was written.
        try? file.close()
    }
}
