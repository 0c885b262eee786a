import LarkAPI
import PosixFiles
import SystemPackage

/// Creates and checks the directory and the file before SQLite opens them.
///
/// SQLite's locks belong to the process and to the file: as soon as this process closes any descriptor of the file,
/// all its locks on it are gone (sqlite.org, "How To Corrupt An SQLite Database File", 2.2). So nothing here opens a
/// store that exists; it is examined by its path only.
enum StoreFile {
    /// Checks the location of a store.
    ///
    /// - Returns: false when the file does not exist.
    /// - Throws: ``StoreError`` `unsafeLocation`.
    static func check(_ store: FilePath) throws -> Bool {
        try checkName(store)
        guard let status = try lookUp(store) else { return false }
        try checkDirectory(store.parent)
        guard status.kind == .regular else {
            throw unsafe(
                store, "is not a regular file",
                remedy: Remedy("Name the file itself, not a link to it", StoreAction.chooseStore))
        }
        guard status.links == 1 else {
            throw unsafe(
                store, "has \(status.links) names",
                remedy: Remedy(
                    "SQLite's journal is found by the name: remove the other hard links. To copy a store, make a backup",
                    StoreAction.backUpStore))
        }
        guard status.isOurs else {
            throw unsafe(
                store, "belongs to another user",
                remedy: "A store belongs to one user; others use its auth service")
        }
        return true
    }

    /// A store that this user cannot see is not a missing one.
    private static func lookUp(_ store: FilePath) throws -> FileStatus? {
        do {
            return try FileStatus.lookUp(store)
        } catch {
            throw unsafe(
                store, "cannot be examined: \(error.description.lowercased())",
                remedy: Remedy("A store belongs to one user; others use its auth service", StoreAction.chooseStore))
        }
    }

    /// Removes the permissions of other users from a file.
    ///
    /// - Throws: ``StoreError`` `unsafeLocation`.
    static func makePrivate(_ store: FilePath) throws {
        guard FileStatus.of(store)?.isOpenToOthers == true else { return }
        do {
            try store.setPermissions(.ownerReadWrite)
        } catch {
            throw unsafe(store, "can be read by others", remedy: "chmod 600 '\(store)'")
        }
    }

    /// Creates directory and file, for the owner only; checks what exists already.
    ///
    /// - Throws: ``StoreError`` `cannotCreate` or `unsafeLocation`.
    static func create(_ store: FilePath) throws {
        try checkName(store)
        try createDirectory(store.parent)
        guard try !check(store) else { return }
        do {
            let file = try FileDescriptor.open(
                store, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: .ownerReadWrite)
            try file.close()
        } catch Errno.fileExists {
            // Another process created it first.
            _ = try check(store)
        } catch let error as Errno {
            throw cannotCreate(store, error)
        }
    }

    /// Creates a directory, and the missing ones above it, for the owner only; checks one that exists already.
    ///
    /// - Throws: ``StoreError`` `cannotCreate` or `unsafeLocation`.
    static func createDirectory(_ directory: FilePath) throws {
        do {
            try directory.createDirectories(permissions: .ownerReadWriteExecute)
        } catch let error as Errno {
            throw cannotCreate(directory, error)
        }
        try checkDirectory(directory)
    }

    private static func checkName(_ store: FilePath) throws {
        guard store.lastComponent?.kind == .regular, !store.string.utf8.contains(0) else {
            throw unsafe(store, "is not a file name", remedy: Remedy("", StoreAction.chooseStore))
        }
    }

    private static func checkDirectory(_ directory: FilePath) throws {
        guard let status = FileStatus.of(directory, followsLinks: true), status.kind == .directory else {
            throw unsafe(directory, "is not a directory", remedy: Remedy("", StoreAction.chooseStore))
        }
        guard status.isOurs, !status.isWritableByOthers else {
            throw unsafe(
                directory, "can be changed by other users",
                remedy: Remedy(
                    "Use a directory of your own, or run chmod go-w '\(directory)'", StoreAction.chooseStore))
        }
        if let kind = FileSystemKind.of(directory), kind.isRemote {
            throw unsafe(
                directory, "is on a network file system (\(kind.name)), whose locks are unreliable",
                remedy: Remedy(
                    "Keep the store on a local disk; other hosts use its auth service", StoreAction.chooseStore))
        }
    }

    private static func unsafe(_ path: FilePath, _ reason: String, remedy: Remedy) -> StoreError {
        StoreError(.unsafeLocation, "\(path) \(reason)", remedy: remedy)
    }

    private static func cannotCreate(_ path: FilePath, _ error: Errno) -> StoreError {
        StoreError(
            .cannotCreate, "\(path) cannot be created: \(error.description.lowercased())",
            remedy: Remedy("", StoreAction.chooseStore), underlying: error)
    }
}
