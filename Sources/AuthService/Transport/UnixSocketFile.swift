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
    private let group: UInt32?
    private let lock: FileLock

    /// Creates the directory if it is missing, and takes the lock.
    ///
    /// - Parameters:
    ///   - name: the path of the socket.
    ///   - group: the group that may connect; nil admits only this user and root.
    /// - Throws: ``ServiceStartError`` `alreadyRunning`, `unsafePlace` or `cannotListen`.
    init(_ name: String, group: UInt32?) throws {
        let path = FilePath(name)
        guard path.isAbsolute, path.lastComponent?.kind == .regular, name.utf8.count <= Self.longestPath else {
            throw ServiceStartError(
                .unsafePlace, "\(name) is not a valid socket path",
                remedy: Remedy(
                    "Use an absolute path of at most \(Self.longestPath) bytes", ServiceAction.chooseSocket))
        }
        self.path = path
        self.group = group
        let directory = path.removingLastComponent()
        // For this user and the group only.
        let permissions: FilePermissions = [.ownerReadWriteExecute, .groupRead, .groupExecute]
        if (try? directory.createDirectory(permissions: permissions)) == true {
            try? directory.setPermissions(permissions)
            if let group { _ = Self.give(directory, to: group) }
        }
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
        // Fails now, and not when the socket is bound.
        guard let group, let error = Self.give(FilePath(name + ".lock"), to: group) else { return }
        lock.close()
        throw ServiceStartError(
            .cannotListen, "the socket cannot be given to the group \(group): \(error.description.lowercased())",
            remedy: "Run the service as root or as a member of the group", underlying: error)
    }

    /// The process's group if it belongs to its user alone, as systems with a group for each user set it up. Other users
    /// are members only if someone added them.
    ///
    /// - Returns: nil for a group that may be the primary group of other users, such as `users`.
    static func privateGroup() -> UInt32? {
        let (user, group) = (geteuid(), getegid())
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        var (userEntry, groupEntry) = (passwd(), Glibc.group())
        var foundUser: UnsafeMutablePointer<passwd>?
        var userName: String?
        if getpwuid_r(user, &userEntry, &buffer, buffer.count, &foundUser) == 0, foundUser != nil {
            userName = String(cString: userEntry.pw_name)
        }
        var foundGroup: UnsafeMutablePointer<Glibc.group>?
        var groupName: String?
        if getgrgid_r(group, &groupEntry, &buffer, buffer.count, &foundGroup) == 0, foundGroup != nil {
            groupName = String(cString: groupEntry.gr_name)
        }
        // In a container neither may have a name.
        return userName == groupName && (userName != nil || user == group) ? group : nil
    }

    /// Changes the group of a file. Where it is the group of the process, nothing is to be done: a sandbox may forbid it.
    private static func give(_ path: FilePath, to group: UInt32) -> Errno? {
        guard group != getegid() else { return nil }
        do throws(Errno) {
            try path.setGroup(group)
            return nil
        } catch {
            return error
        }
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
    func open() {
        let isShared = group.map { Self.give(path, to: $0) == nil } ?? false
        try? path.setPermissions(isShared ? [.ownerReadWrite, .groupReadWrite] : .ownerReadWrite)
    }

    /// Removes the socket, so that no process can connect any more.
    func remove() { _ = try? path.removeFile() }

    /// Removes the socket and releases the lock. The lock file stays, so that all services lock the same file.
    func close() {
        remove()
        lock.close()
    }
}
