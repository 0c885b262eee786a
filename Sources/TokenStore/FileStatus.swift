import Glibc
import SystemPackage

/// What the file system says of a path, links not followed.
struct FileStatus {
    enum Kind {
        case regular
        case folder
        case link
        case other
    }

    /// Which file it is, whatever its name.
    struct Identity: Hashable {
        let device: UInt
        let inode: UInt
    }

    let kind: Kind
    let identity: Identity
    let permissions: FilePermissions
    let owner: UInt32
    let links: Int
    let size: Int

    /// Nil when there is nothing at the path, or it cannot be looked at.
    static func of(_ path: FilePath) -> FileStatus? {
        var status = stat()
        return lstat(path.string, &status) == 0 ? FileStatus(status) : nil
    }

    /// Of an open file.
    ///
    /// - Throws: `Errno`.
    static func of(_ descriptor: FileDescriptor) throws -> FileStatus {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
        return FileStatus(status)
    }

    private init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        identity = Identity(device: status.st_dev, inode: status.st_ino)
        permissions = FilePermissions(rawValue: status.st_mode & 0o7777)
        owner = status.st_uid
        links = Int(status.st_nlink)
        size = Int(status.st_size)
    }

    /// Whether anyone but the owner may do something with it.
    var isOpenToOthers: Bool { permissions.rawValue & 0o077 != 0 }

    /// Whether anyone but the owner may change it.
    var isWritableByOthers: Bool { permissions.rawValue & 0o022 != 0 }

    /// Whether it belongs to this process's user, or to root.
    var isOurs: Bool { owner == geteuid() || owner == 0 }
}
