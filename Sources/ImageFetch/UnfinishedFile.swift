import Glibc
import SystemPackage

/// A file that has no name until it is whole.
///
/// It is made with `O_TMPFILE` where the file system can (open(2)), so that a process that is killed leaves nothing
/// behind. Elsewhere it has a hidden name that ends in `.part`; those of processes long dead are swept away.
///
/// The calls block. They are short, a write into the page cache most of them; the `fsync` at the end, which is not,
/// comes once a file, and files are few beside the waits for the network.
struct UnfinishedFile {
    private let folder: FileDescriptor
    private let folderPath: FilePath
    let file: FileDescriptor
    /// The hidden name; nil for a nameless file.
    private let draft: String?

    /// Makes a file in a folder, gives it to a body, and removes it unless the body gave it a name.
    ///
    /// - Parameters:
    ///   - folder: must be there.
    ///   - permissions: from its first byte, less what the umask takes away.
    ///   - isNameless: whether to try `O_TMPFILE`.
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    static func with<Result>(
        in folder: FilePath, permissions: FilePermissions, isNameless: Bool = true,
        _ body: (UnfinishedFile) async throws -> Result
    ) async throws -> Result {
        let file = try UnfinishedFile(in: folder, permissions, isNameless: isNameless)
        defer { file.close() }
        return try await body(file)
    }

    private init(in path: FilePath, _ permissions: FilePermissions, isNameless: Bool) throws {
        folderPath = path.isEmpty ? "." : path
        do {
            folder = try FileDescriptor.open(folderPath, .readOnly, options: [.directory, .closeOnExec])
        } catch let error as Errno {
            throw Self.cannotCreate(folderPath, error)
        }
        do {
            (file, draft) = try Self.make(in: folder, at: folderPath, permissions, isNameless: isNameless)
        } catch let error as Errno {
            // The folder's descriptor is no use without a file in it.
            try? folder.close()
            throw Self.cannotCreate(folderPath, error)
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
        StaleDrafts.sweepOnce(folder, at: path)
        let draft = StaleDrafts.newName()
        let number = openat(
            folder.rawValue, draft, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, permissions.rawValue)
        guard number >= 0 else { throw Errno(rawValue: errno) }
        return (FileDescriptor(rawValue: number), draft)
    }

    private func close() {
        if let draft { unlinkat(folder.rawValue, draft, 0) }
        // What had to last was synced before it got its name; what did not is gone now.
        try? file.close()
        try? folder.close()
    }

    /// Writes the next bytes.
    ///
    /// - Parameter offset: how many stand before them.
    /// - Throws: ``ImageFetchError`` `writeFailed`.
    func write(_ bytes: [UInt8], at offset: Int) throws {
        do {
            try file.writeAll(toAbsoluteOffset: Int64(offset), bytes)
        } catch let error as Errno {
            throw Self.writeFailed(folderPath, error)
        }
    }

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
    func name(_ name: String, overwrite: Bool) throws -> Naming {
        try sync(file)
        if try linkAs(name) {
            try sync(folder)
            return .named
        }
        let path = folderPath.appending(name)
        let taken = try TakenName.status(of: path)
        if !overwrite, case .plainFile(let bytes) = taken { return .taken(bytes: bytes) }
        guard overwrite, taken.isReplaceable else { throw TakenName.inTheWay(path) }
        // A process that dies between the link and the renaming leaves a draft, though a whole one.
        StaleDrafts.sweepOnce(folder, at: folderPath)
        let whole = StaleDrafts.newName()
        guard try linkAs(whole) else { throw Self.cannotCreate(path, .fileExists) }
        guard renameat(folder.rawValue, whole, folder.rawValue, name) == 0 else {
            let error = Errno(rawValue: errno)
            unlinkat(folder.rawValue, whole, 0)
            throw Self.cannotCreate(path, error)
        }
        try sync(folder)
        return .named
    }

    /// - Returns: false when the name is taken.
    private func linkAs(_ name: String) throws -> Bool {
        let result =
            if let draft {
                linkat(folder.rawValue, draft, folder.rawValue, name, 0)
            } else {
                // A nameless file is linked by its descriptor's own link (open(2), O_TMPFILE).
                linkat(AT_FDCWD, "/proc/self/fd/\(file.rawValue)", folder.rawValue, name, AT_SYMLINK_FOLLOW)
            }
        if result == 0 { return true }
        guard errno == EEXIST else { throw Self.cannotCreate(folderPath.appending(name), Errno(rawValue: errno)) }
        return false
    }

    private func sync(_ descriptor: FileDescriptor) throws {
        guard fsync(descriptor.rawValue) == 0 else { throw Self.writeFailed(folderPath, Errno(rawValue: errno)) }
    }

    private static func cannotCreate(_ path: FilePath, _ error: Errno) -> ImageFetchError {
        if [.noSpace, .diskQuotaExceeded, .ioError].contains(error) { return writeFailed(path, error) }
        return ImageFetchError(
            .cannotCreate, "no file can be made at \(path): \(error.description.lowercased())",
            remedy: "Name another place with -d or -o, or mend its permissions", underlying: error
        )
    }

    private static func writeFailed(_ path: FilePath, _ error: Errno) -> ImageFetchError {
        ImageFetchError(
            .writeFailed, "writing in \(path) failed: \(error.description.lowercased())",
            remedy:
                "Make room on the disk or name another place with -d, then run this again; no part of a file was left",
            underlying: error
        )
    }
}
