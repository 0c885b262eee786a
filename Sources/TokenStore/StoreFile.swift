import Glibc
import LarkAPI
import PosixFiles
import SystemPackage

/// Creates and checks the directory and the file before SQLite opens them.
///
/// SQLite's locks belong to the process and to the file: as soon as this process closes any descriptor of the file,
/// all its locks on it are gone (sqlite.org, "How To Corrupt An SQLite Database File", 2.2). So nothing here opens a
/// store that exists; it is looked at by its path only.
enum StoreFile {
    /// Checks the place of a store that exists.
    ///
    /// - Returns: false when there is no file.
    /// - Throws: ``StoreError`` `unsafePlace`.
    static func check(_ store: FilePath) throws -> Bool {
        try checkName(store)
        guard let status = FileStatus.of(store) else { return false }
        try checkDirectory(store.parent)
        guard status.kind == .regular else {
            throw unsafe(store, "is not a plain file", remedy: "Name the file itself with --store, no link to it")
        }
        guard status.links == 1 else {
            throw unsafe(
                store, "has \(status.links) names",
                remedy:
                    "SQLite's journal goes by the name: remove the other hard links, or copy by larkimg store backup"
            )
        }
        guard status.isOurs else {
            throw unsafe(
                store, "belongs to another user",
                remedy: "A store is for one user; others ask its auth service"
            )
        }
        if status.isOpenToOthers, chmod(store.string, 0o600) != 0 {
            throw unsafe(store, "can be read by others", remedy: "chmod 600 '\(store)'")
        }
        return true
    }

    /// Creates directory and file, private from the first byte; what exists already is checked.
    ///
    /// - Throws: ``StoreError`` `cannotCreate` or `unsafePlace`.
    static func create(_ store: FilePath) throws {
        try checkName(store)
        try createDirectory(store.parent)
        guard try !check(store) else { return }
        do {
            try createPrivateFile(store)
        } catch let error as StoreError where error.underlying as? Errno == .fileExists {
            // Another process's first run was faster.
            _ = try check(store)
        }
    }

    /// Creates a directory, and what is missing above it, for the owner only.
    ///
    /// - Throws: ``StoreError`` `cannotCreate` or `unsafePlace`.
    static func createDirectory(_ directory: FilePath) throws {
        try makeDirectories(directory)
        try checkDirectory(directory)
    }

    private static func makeDirectories(_ directory: FilePath) throws {
        guard FileStatus.of(directory, followsLinks: true) == nil, directory != directory.parent else { return }
        try makeDirectories(directory.parent)
        guard mkdir(directory.string, 0o700) == 0 || errno == EEXIST else {
            throw cannotCreate(directory, Errno(rawValue: errno))
        }
    }

    private static func checkName(_ store: FilePath) throws {
        guard store.lastComponent?.kind == .regular, !store.string.utf8.contains(0) else {
            throw unsafe(store, "is no name for a file", remedy: "Name a file with --store")
        }
    }

    private static func checkDirectory(_ directory: FilePath) throws {
        guard let status = FileStatus.of(directory, followsLinks: true), status.kind == .directory else {
            throw unsafe(directory, "is not a directory", remedy: "Name another place with --store")
        }
        guard status.isOurs, !status.isWritableByOthers else {
            throw unsafe(
                directory, "can be changed by other users",
                remedy: "Keep the store in a directory of your own: chmod go-w '\(directory)', or --store FILE"
            )
        }
        if let kind = FileSystemKind.of(directory), kind.isRemote {
            throw unsafe(
                directory, "lies on a network file system (\(kind.name)), whose locks cannot be trusted",
                remedy: "Keep the store on a local disk; other hosts share it through the auth service"
            )
        }
    }

    private static func unsafe(_ path: FilePath, _ what: String, remedy: Remedy) -> StoreError {
        StoreError(.unsafePlace, "\(path) \(what)", remedy: remedy)
    }

    private static func cannotCreate(_ path: FilePath, _ error: Errno) -> StoreError {
        StoreError(
            .cannotCreate, "\(path) cannot be made: \(error.description.lowercased())",
            remedy: "Name another place with --store or LARKIMG_STORE", underlying: error
        )
    }
}

extension FilePath {
    /// The directory that holds a path, `.` for a bare name.
    var parent: FilePath {
        let parent = removingLastComponent()
        return parent.isEmpty ? "." : parent
    }
}
