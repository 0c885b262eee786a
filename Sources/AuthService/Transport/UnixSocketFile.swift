import Glibc
import LarkAPI
import PosixFiles
import SystemPackage

/// The directory of a Unix socket, and the lock that keeps two services from using it.
///
/// The lock is a file beside the socket and is held before the socket is bound: only its holder may
/// remove a socket that a killed service left behind.
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
                .unsafePlace, "\(name) is no place for a socket",
                remedy: "Name an absolute path of at most \(Self.longestPath) bytes: --socket /run/larkimg/larkimg.sock"
            )
        }
        self.path = path
        let directory = path.removingLastComponent()
        // For this user and this process's group alone.
        if mkdir(directory.string, 0o750) == 0 { chmod(directory.string, 0o750) }
        try Self.check(directory)
        do {
            lock = try FileLock(FilePath(name + ".lock"))
        } catch let error as Errno {
            throw ServiceStartError(
                .cannotListen, "no socket can be made in \(directory): \(error.description.lowercased())",
                remedy: "Name another place with --socket", underlying: error)
        }
        guard lock.tryExclusive() else {
            lock.close()
            throw ServiceStartError(
                .alreadyRunning, "another larkimg serve is running on \(name)",
                remedy: "Use that one, stop it, or name another socket")
        }
        try checkLeftover()
    }

    private static func check(_ directory: FilePath) throws {
        guard let status = FileStatus.of(directory, followsLinks: true), status.kind == .directory else {
            throw ServiceStartError(
                .cannotListen, "the folder \(directory) is not there",
                remedy: "Make it, or name another place with --socket")
        }
        guard status.isOurs, !status.isWritableByOthers else {
            throw ServiceStartError(
                .unsafePlace, "others can put a socket of theirs into \(directory)",
                remedy: "Name a folder of your own: --socket /run/larkimg/larkimg.sock")
        }
    }

    /// A socket of a service that was killed is removed when the new one is bound. Anything else is not ours to remove.
    private func checkLeftover() throws {
        guard let status = FileStatus.of(path), status.kind != .socket else { return }
        throw ServiceStartError(
            .unsafePlace, "\(path) is there and is no socket", remedy: "Remove it, or name another place with --socket")
    }

    /// Admits the group, once the socket is bound. Until then only this user could connect.
    func open() { chmod(path.string, 0o660) }

    /// Removes the socket and gives up the lock; the lock's file stays, so that there is never a second one.
    func close() {
        unlink(path.string)
        lock.close()
    }
}
