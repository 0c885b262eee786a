import Crypto
import LarkAPI
import PosixFiles
import SystemPackage

/// The file with the 32 random bytes that seal a store.
enum KeyFile {
    static let byteCount = 32

    /// Reads the key.
    ///
    /// - Throws: ``StoreError`` `keyMissing`, or `keyUnusable` when it is not a plain file of 32 bytes that only its
    ///   owner can read.
    static func read(_ path: FilePath) throws -> SymmetricKey {
        let file: FileDescriptor
        do {
            // Not blocking: a FIFO at the path must not hold us up.
            file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch Errno.noSuchFileOrDirectory {
            throw StoreError(
                .keyMissing, "the key file \(path) is not there",
                remedy:
                    "Put it back from your backup, or name it in LARKIMG_KEY_FILE; without it the store cannot be opened"
            )
        } catch let error as Errno {
            throw unusable(
                path, "cannot be opened: \(error.description.lowercased())", remedy: "Check LARKIMG_KEY_FILE")
        }
        return try file.closeAfter {
            let status = try FileStatus.of(file)
            guard status.kind == .regular else {
                throw unusable(path, "is not a plain file", remedy: "Check LARKIMG_KEY_FILE")
            }
            guard status.isOurs else {
                throw unusable(path, "belongs to another user", remedy: "Use a key file of your own")
            }
            guard !status.isOpenToOthers else {
                throw unusable(path, "can be read by others", remedy: "chmod 600 '\(path)'")
            }
            let bytes = try file.readAll(upTo: byteCount + 1)
            guard bytes.count == byteCount else {
                throw unusable(
                    path, "does not hold \(byteCount) bytes",
                    remedy: "It may be cut short: put it back from your backup, or check LARKIMG_KEY_FILE"
                )
            }
            return SymmetricKey(data: bytes)
        }
    }

    /// Creates a key if there is none; of many processes at once one creates it and all read the same.
    ///
    /// - Throws: ``StoreError`` `cannotCreate`, and what ``read(_:)`` throws.
    static func readOrCreate(_ path: FilePath) throws -> SymmetricKey {
        if FileStatus.of(path) == nil { try create(path) }
        return try read(path)
    }

    private static func create(_ path: FilePath) throws {
        try StoreFile.createDirectory(path.parent)
        do {
            // Not replacing: the key that another process created meanwhile stays. On the disk with its name before it
            // is used: a key that is lost with the power would leave a store that cannot be opened.
            try SymmetricKey(size: .bits256)
                .withUnsafeBytes {
                    try AtomicFile.write($0, to: path, permissions: .ownerReadWrite, replaces: false)
                }
        } catch let error as Errno {
            throw StoreError(
                .cannotCreate, "the key file \(path) cannot be made: \(error.description.lowercased())",
                remedy: "Name another place in LARKIMG_KEY_FILE", underlying: error
            )
        }
    }

    private static func unusable(_ path: FilePath, _ what: String, remedy: Remedy) -> StoreError {
        StoreError(.keyUnusable, "the key file \(path) \(what)", remedy: remedy)
    }
}
