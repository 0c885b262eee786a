import Glibc
package import SystemPackage

/// A file that gets its name only when it is complete, so that a name never refers to part of a file.
///
/// It is created with `O_TMPFILE` where the file system supports it (open(2)), so that a killed process leaves nothing
/// behind. Elsewhere it has a hidden name that ends in `.part`; ``PartFileCleanup`` removes those of dead
/// processes. All calls block.
package struct AtomicFile: Sendable {
    package let descriptor: FileDescriptor
    private let directory: FileDescriptor
    /// The hidden name that the file has meanwhile; nil for a nameless file.
    package let draft: String?

    /// Creates the file. End with ``close()`` whatever happens.
    ///
    /// - Parameters:
    ///   - directory: where the file gets its name; stays open as long as the file is used.
    ///   - permissions: from the first byte, less the umask.
    ///   - isNameless: whether to try `O_TMPFILE`; false for a file that another library opens by its name.
    /// - Throws: `Errno`.
    package init(in directory: FileDescriptor, permissions: FilePermissions, isNameless: Bool = true) throws(Errno) {
        self.directory = directory
        if isNameless, Self.canLinkDescriptors {
            let number = openat(
                directory.rawValue, ".", __O_TMPFILE | O_DIRECTORY | O_RDWR | O_CLOEXEC, permissions.rawValue)
            if number >= 0 {
                descriptor = FileDescriptor(rawValue: number)
                draft = nil
                return
            }
            // What file systems and kernels without nameless files return.
            guard [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(errno) else { throw Errno(rawValue: errno) }
        }
        PartFileCleanup.sweepOnce(directory)
        let draft = PartFileCleanup.newName()
        let number = openat(
            directory.rawValue, draft, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, permissions.rawValue)
        guard number >= 0 else { throw Errno(rawValue: errno) }
        descriptor = FileDescriptor(rawValue: number)
        self.draft = draft
    }

    /// Prepares another name for a file that has one. It needs no ``close()``.
    ///
    /// - Parameters:
    ///   - file: open, and complete.
    ///   - directory: where the file gets the name; on the same file system.
    package init(linking file: FileDescriptor, in directory: FileDescriptor) {
        descriptor = file
        draft = nil
        self.directory = directory
    }

    /// A nameless file is linked through `/proc`; in a chroot without it, files have hidden names instead.
    private static let canLinkDescriptors = access("/proc/self/fd", F_OK) == 0

    /// Closes the file, and removes it unless it got a name.
    package func close() {
        if let draft { unlinkat(directory.rawValue, draft, 0) }
        // What must last was synced before it got its name, so an error of close(2) loses nothing.
        try? descriptor.close()
    }

    /// Gives the file a name that is free. Sync the file before, and the directory afterwards.
    ///
    /// - Returns: false if the name is taken.
    /// - Throws: `Errno`.
    package func link(as name: String) throws(Errno) -> Bool {
        let number = directory.rawValue
        let result =
            if let draft {
                linkat(number, draft, number, name, 0)
            } else {
                // open(2), O_TMPFILE
                linkat(AT_FDCWD, "/proc/self/fd/\(descriptor.rawValue)", number, name, AT_SYMLINK_FOLLOW)
            }
        if result == 0 { return true }
        guard errno == EEXIST else { throw Errno(rawValue: errno) }
        return false
    }

    /// Gives the file a name and replaces the file that has it; a link itself, not its target. The name exists at every
    /// moment. Sync the file before, and the directory afterwards.
    ///
    /// - Throws: `Errno`; `isDirectory` for a directory of that name.
    package func replace(_ name: String) throws(Errno) {
        // A process that dies between the link and the rename leaves a draft.
        PartFileCleanup.sweepOnce(directory)
        let complete = PartFileCleanup.newName()
        guard try link(as: complete) else { throw Errno.fileExists }
        let number = directory.rawValue
        guard renameat(number, complete, number, name) == 0 else {
            let error = Errno(rawValue: errno)
            unlinkat(number, complete, 0)
            throw error
        }
    }

    /// Writes a small file as a whole, and waits until content and name are on the disk.
    ///
    /// - Parameters:
    ///   - bytes: the content.
    ///   - path: of the file, in a directory that exists.
    ///   - permissions: from the first byte, less the umask.
    ///   - replaces: whether to replace a file of that name; otherwise that file is kept.
    /// - Throws: `Errno`.
    package static func write(
        _ bytes: some Sequence<UInt8>, to path: FilePath, permissions: FilePermissions, replaces: Bool
    ) throws {
        guard let name = path.lastComponent, name.kind == .regular else { throw Errno.isDirectory }
        let parent = path.removingLastComponent()
        let directory = try FileDescriptor.openDirectory(parent.isEmpty ? "." : parent)
        try directory.closeAfter {
            let file = try AtomicFile(in: directory, permissions: permissions)
            defer { file.close() }
            try file.descriptor.writeAll(bytes)
            try file.descriptor.sync()
            if replaces { try file.replace(name.string) } else { _ = try file.link(as: name.string) }
            // Also if another process created the name: the caller relies on it.
            try directory.sync()
        }
    }
}
