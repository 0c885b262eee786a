import Glibc
import NIOPosix
import SystemPackage

/// A file that has no name until it is whole.
///
/// It is made with `O_TMPFILE` where the file system can (open(2)), so that a process that is killed leaves nothing
/// behind. Elsewhere it has a hidden name that ends in `.part`; those of processes long dead are swept away.
///
/// Most calls are short, a write into the page cache, and block; those that wait for the disk are made on threads of
/// the folder's own.
struct AtomicFile: Sendable {
    private let folder: OpenDirectory
    let file: FileDescriptor
    /// The hidden name; nil for a nameless file.
    private let draft: String?

    /// Makes a file in a folder, gives it to a body, and removes it unless the body gave it a name.
    ///
    /// - Parameters:
    ///   - folder: where it gets its name.
    ///   - permissions: from its first byte, less what the umask takes away.
    ///   - isNameless: whether to try `O_TMPFILE`.
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    static func with<Result>(
        in folder: OpenDirectory, permissions: FilePermissions, isNameless: Bool = true,
        _ body: (AtomicFile) async throws -> Result
    ) async throws -> Result {
        let file = try AtomicFile(in: folder, permissions, isNameless: isNameless)
        defer { file.close() }
        return try await body(file)
    }

    private init(in folder: OpenDirectory, _ permissions: FilePermissions, isNameless: Bool) throws {
        self.folder = folder
        do {
            (file, draft) = try Self.make(
                in: folder.descriptor, at: folder.path, permissions, isNameless: isNameless)
        } catch let error as Errno {
            throw ImageFetchError.creating(at: folder.path, error)
        }
    }

    private static func make(
        in folder: FileDescriptor, at path: FilePath, _ permissions: FilePermissions, isNameless: Bool
    ) throws -> (FileDescriptor, draft: String?) {
        if isNameless {
            let number = openat(
                folder.rawValue, ".", __O_TMPFILE | O_DIRECTORY | O_RDWR | O_CLOEXEC, permissions.rawValue)
            if number >= 0 { return (FileDescriptor(rawValue: number), nil) }
            // What file systems and kernels say that have no nameless files.
            guard [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(errno) else { throw Errno(rawValue: errno) }
        }
        PartFileCleanup.sweepOnce(folder, at: path)
        let draft = PartFileCleanup.newName()
        let number = openat(
            folder.rawValue, draft, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, permissions.rawValue)
        guard number >= 0 else { throw Errno(rawValue: errno) }
        return (FileDescriptor(rawValue: number), draft)
    }

    private func close() {
        if let draft { unlinkat(folder.descriptor.rawValue, draft, 0) }
        // What had to last was synced before it got its name; what did not is gone now.
        try? file.close()
    }

    /// Writes the next bytes.
    ///
    /// - Parameter offset: how many stand before them.
    /// - Throws: ``ImageFetchError`` `writeFailed`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        do {
            var written = 0
            while written < bytes.count {
                written += try file.write(
                    toAbsoluteOffset: Int64(offset + written), UnsafeRawBufferPointer(rebasing: bytes[written...]))
            }
        } catch let error as Errno {
            throw ImageFetchError.writing(in: folder.path, error)
        }
    }

    /// The path that a name in its folder has for the user.
    func shown(_ name: String) -> FilePath { folder.shown(name) }

    /// Whether a name was free.
    enum Naming: Equatable {
        case named
        /// A plain file of so many bytes has the name, and was left alone.
        case taken(bytes: Int)
    }

    /// Makes the file durable, then gives it its name, then makes the name durable.
    ///
    /// - Parameter overwrite: replaces a plain file or a link of that name; the link, not what it points to.
    /// - Throws: ``ImageFetchError`` `writeFailed` or `cannotCreate`.
    func name(_ name: String, overwrite: Bool) async throws -> Naming {
        try await sync()
        if try linkAs(name) {
            try await folder.sync()
            return .named
        }
        let path = folder.shown(name)
        let taken = try ExistingEntry.status(of: name, in: folder)
        if !overwrite, case .plainFile(let bytes) = taken { return .taken(bytes: bytes) }
        guard overwrite, taken.isReplaceable else { throw ExistingEntry.inTheWay(path) }
        // A process that dies between the link and the renaming leaves a draft, though a whole one.
        PartFileCleanup.sweepOnce(folder.descriptor, at: folder.path)
        let whole = PartFileCleanup.newName()
        guard try linkAs(whole) else { throw ImageFetchError.creating(at: path, .fileExists) }
        let number = folder.descriptor.rawValue
        guard renameat(number, whole, number, name) == 0 else {
            let error = Errno(rawValue: errno)
            unlinkat(number, whole, 0)
            throw ImageFetchError.creating(at: path, error)
        }
        try await folder.sync()
        return .named
    }

    /// - Returns: false when the name is taken.
    private func linkAs(_ name: String) throws -> Bool {
        let number = folder.descriptor.rawValue
        let result =
            if let draft {
                linkat(number, draft, number, name, 0)
            } else {
                // A nameless file is linked by its descriptor's own link (open(2), O_TMPFILE).
                linkat(AT_FDCWD, "/proc/self/fd/\(file.rawValue)", number, name, AT_SYMLINK_FOLLOW)
            }
        if result == 0 { return true }
        guard errno == EEXIST else { throw ImageFetchError.creating(at: folder.shown(name), Errno(rawValue: errno)) }
        return false
    }

    private func sync() async throws {
        let file = file
        do {
            try await folder.pool.runIfActive { try file.sync() }
        } catch let error as Errno {
            throw ImageFetchError.writing(in: folder.path, error)
        }
    }
}
