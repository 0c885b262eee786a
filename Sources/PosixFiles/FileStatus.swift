import Glibc
package import SystemPackage

/// What the file system knows about a file: `stat(2)`.
package struct FileStatus: Sendable {
    package enum Kind: Sendable {
        case regular
        case directory
        case link
        case socket
        /// A FIFO or a device.
        case other
    }

    /// Identifies a file, whatever its name.
    package struct Identity: Hashable, Sendable {
        private let device: UInt
        private let inode: UInt

        fileprivate init(_ status: stat) {
            device = status.st_dev
            inode = status.st_ino
        }
    }

    package let kind: Kind
    package let identity: Identity
    package let permissions: FilePermissions
    /// The user id of the owner.
    package let owner: UInt32
    /// The number of hard links.
    package let links: Int
    /// In bytes.
    package let size: Int
    /// When the content was last changed, in seconds since 1970.
    package let modified: Int

    /// Returns the status of a path, or nil if there is nothing at the path or it cannot be examined.
    ///
    /// - Parameter followsLinks: examines what a symbolic link points to instead of the link.
    package static func of(_ path: FilePath, followsLinks: Bool = false) -> FileStatus? {
        try? of(path.string, in: AT_FDCWD, followsLinks: followsLinks)
    }

    /// Returns the status of a path, or nil if nothing exists there. Links are not followed.
    ///
    /// - Throws: `Errno`, such as `permissionDenied` if a directory on the way may not be searched.
    package static func lookUp(_ path: FilePath) throws(Errno) -> FileStatus? {
        try of(path.string, in: AT_FDCWD, followsLinks: false)
    }

    /// Returns the status of an open file.
    ///
    /// - Throws: `Errno`.
    package static func of(_ descriptor: FileDescriptor) throws(Errno) -> FileStatus {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
        return FileStatus(status)
    }

    /// Returns the status of a name in an open directory, or nil if nothing has the name. Links are not followed.
    ///
    /// - Throws: `Errno`.
    package static func of(_ name: String, in directory: FileDescriptor) throws(Errno) -> FileStatus? {
        try of(name, in: directory.rawValue, followsLinks: false)
    }

    private static func of(_ name: String, in directory: Int32, followsLinks: Bool) throws(Errno) -> FileStatus? {
        var status = stat()
        guard fstatat(directory, name, &status, followsLinks ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw Errno(rawValue: errno)
        }
        return FileStatus(status)
    }

    private init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .link
            case S_IFSOCK: .socket
            default: .other
            }
        identity = Identity(status)
        permissions = FilePermissions(rawValue: status.st_mode & 0o7777)
        owner = status.st_uid
        links = Int(status.st_nlink)
        size = Int(status.st_size)
        modified = status.st_mtim.tv_sec
    }

    /// Whether anyone but the owner has any permission.
    package var isOpenToOthers: Bool { permissions.rawValue & 0o077 != 0 }

    /// Whether anyone but the owner may write.
    package var isWritableByOthers: Bool { permissions.rawValue & 0o022 != 0 }

    /// Whether the owner is the user of this process, or root.
    package var isOurs: Bool { owner == geteuid() || owner == 0 }
}
