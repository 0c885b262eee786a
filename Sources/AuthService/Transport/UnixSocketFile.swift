import Glibc
import LarkAPI
import PosixFiles
import SystemPackage

/// The directory of a Unix socket, and the lock that keeps two services from using it.
///
/// The lock is a file next to the socket. It is held before the socket is bound, because only its holder may remove a
/// socket that a killed service left behind.
struct UnixSocketFile {
    /// The longest path that fits a socket's address (unix(7)), in bytes.
    private static let longestPath = 107

    private let path: FilePath
    private let lock: FileLock

    /// Creates the directory if it is missing, and takes the lock.
    ///
    /// - Throws: ``ServiceStartError`` `alreadyRunning`, `unsafePlace` or `cannotListen`.
    init(_ name: String) throws {
        let path = FilePath(name)
        guard path.isAbsolute, path.lastComponent?.kind == .regular, name.utf8.count <= Self.longestPath else {
            throw ServiceStartError(
                .unsafePlace, "\(name) is not a valid socket path",
                remedy: Remedy(
                    "Use an absolute path of at most \(Self.longestPath) bytes", ServiceAction.chooseSocket))
        }
        self.path = path
        let directory = path.removingLastComponent()
        // For this user and the process's group only.
        if mkdir(directory.string, 0o750) == 0 { chmod(directory.string, 0o750) }
        try Self.check(directory)
        do {
            lock = try FileLock(FilePath(name + ".lock"))
        } catch let error as Errno {
            throw ServiceStartError(
                .cannotListen, "cannot create a socket in \(directory): \(error.description.lowercased())",
                remedy: Remedy("", ServiceAction.chooseSocket), underlying: error)
        }
        guard lock.tryExclusive() else {
            lock.close()
            throw ServiceStartError(
                .alreadyRunning, "another auth service is running on \(name)",
                remedy: Remedy("Use that service, or stop it", ServiceAction.chooseSocket))
        }
        try checkLeftover()
    }

    private static func check(_ directory: FilePath) throws {
        guard let status = FileStatus.of(directory, followsLinks: true), status.kind == .directory else {
            throw ServiceStartError(
                .cannotListen, "the directory \(directory) does not exist",
                remedy: Remedy("Create it", ServiceAction.chooseSocket))
        }
        guard status.isOurs, !status.isWritableByOthers else {
            throw ServiceStartError(
                .unsafePlace, "other users can create a socket in \(directory)",
                remedy: Remedy("Use a directory that only you can write to", ServiceAction.chooseSocket))
        }
    }

    /// Binding removes the socket of a killed service. Anything else with this name is not ours to remove.
    private func checkLeftover() throws {
        guard let status = FileStatus.of(path), status.kind != .socket else { return }
        throw ServiceStartError(
            .unsafePlace, "\(path) exists and is not a socket",
            remedy: Remedy("Remove it", ServiceAction.chooseSocket))
    }

    /// Lets the group connect. Until the socket is bound and this is called, only this user can.
    func open() { chmod(path.string, 0o660) }

    /// Removes the socket and releases the lock. The lock file stays, so that all services lock the same file.
    func close() {
        unlink(path.string)
        lock.close()
    }
}
