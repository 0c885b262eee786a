import Crypto
import LarkAPI
import PosixFiles
import SystemPackage

/// The file with the 32 random bytes that seal a store.
enum KeyFile {
    static let byteCount = 32

    /// Reads the key.
    ///
    /// - Throws: ``StoreError`` `keyMissing`, or `keyUnusable` when it is not a regular file of 32 bytes that only its
    ///   owner can read.
    static func read(_ path: FilePath) throws -> SymmetricKey {
        let file: FileDescriptor
        do {
            // Not blocking: opening a FIFO would wait for its writer.
            file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch Errno.noSuchFileOrDirectory {
            throw StoreError(
                .keyMissing, "the key file \(path) does not exist",
                remedy: Remedy(
                    "Restore it from a backup: without it the store cannot be opened", StoreAction.chooseKeyFile))
        } catch let error as Errno {
            throw unusable(path, "cannot be opened: \(error.description.lowercased())")
        }
        return try file.closeAfter {
            let status = try FileStatus.of(file)
            guard status.kind == .regular else { throw unusable(path, "is not a regular file") }
            guard status.isOurs else { throw unusable(path, "belongs to another user") }
            guard !status.isOpenToOthers else {
                throw unusable(path, "can be read by others", remedy: "chmod 600 '\(path)'")
            }
            let bytes = try file.readAll(upTo: byteCount + 1)
            guard bytes.count == byteCount else {
                throw unusable(
                    path, "does not contain exactly \(byteCount) bytes",
                    remedy: Remedy("If it was cut short, restore it from a backup", StoreAction.chooseKeyFile))
            }
            return SymmetricKey(data: bytes)
        }
    }

    /// Reads the key, and creates it if it is missing. Of many processes one creates it, and all read the same.
    ///
    /// - Throws: ``StoreError`` `cannotCreate`, and the errors of ``read(_:)``.
    static func readOrCreate(_ path: FilePath) throws -> SymmetricKey {
        if FileStatus.of(path) == nil { try create(path) }
        return try read(path)
    }

    private static func create(_ path: FilePath) throws {
        try StoreFile.createDirectory(path.parent)
        do {
            // Not replacing: the key that another process created meanwhile stays. It is on the disk, with its name,
            // before it is used: a key lost in a power failure would leave a store that cannot be opened.
            try SymmetricKey(size: .bits256)
                .withUnsafeBytes {
                    try AtomicFile.write($0, to: path, permissions: .ownerReadWrite, replaces: false)
                }
        } catch let error as Errno {
            throw StoreError(
                .cannotCreate, "the key file \(path) cannot be created: \(error.description.lowercased())",
                remedy: Remedy("", StoreAction.chooseKeyFile), underlying: error
            )
        }
    }

    /// The file that holds the new key while a key is replaced.
    static func next(_ path: FilePath) -> FilePath { FilePath(path.string + ".new") }

    /// Creates the key that is to replace another; a file that an interrupted rotation left is replaced.
    ///
    /// - Throws: ``StoreError`` `keyUnusable` or `cannotCreate`.
    static func createNext(beside path: FilePath) throws {
        guard FileStatus.of(path)?.kind == .regular else {
            throw unusable(
                path, "is not a regular file, so it cannot be replaced",
                remedy: Remedy("Name the file itself, not a link to it", StoreAction.chooseKeyFile))
        }
        _ = try? next(path).removeFile()
        try create(next(path))
    }

    /// Gives a new key the name of the old one, and waits until the name is on the disk.
    ///
    /// - Throws: ``StoreError`` `cannotCreate`.
    static func replace(_ path: FilePath, by next: FilePath) throws {
        do {
            try next.rename(to: path)
            try FileDescriptor.syncDirectory(path.parent)
        } catch let error as Errno {
            throw StoreError(
                .cannotCreate,
                "the new key \(next) cannot be renamed to \(path): \(error.description.lowercased())",
                remedy: "The store is sealed with the new key: rename the file", underlying: error)
        }
    }

    private static func unusable(
        _ path: FilePath, _ reason: String, remedy: Remedy = Remedy("", StoreAction.chooseKeyFile)
    ) -> StoreError {
        StoreError(.keyUnusable, "the key file \(path) \(reason)", remedy: remedy)
    }
}
