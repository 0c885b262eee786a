import Crypto
import Glibc
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

    /// Makes a key where there is none; of many processes at once one makes it and all read the same.
    ///
    /// - Throws: ``StoreError`` `cannotCreate`, and what ``read(_:)`` throws.
    static func readOrCreate(_ path: FilePath) throws -> SymmetricKey {
        if FileStatus.of(path) == nil { try create(path) }
        return try read(path)
    }

    private static func create(_ path: FilePath) throws {
        try StoreFile.createFolder(path.parent)
        // Written whole under a name of its own, then linked: at no moment is a part of a key under the key's name,
        // and unlike a rename, a link never replaces the key that another process made meanwhile.
        let draft = FilePath("\(path.string).\(UInt64.random(in: .min ... .max))")
        do {
            let file = try FileDescriptor.open(
                draft, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: .ownerReadWrite
            )
            defer { unlink(draft.string) }
            try file.closeAfter {
                _ = try SymmetricKey(size: .bits256).withUnsafeBytes { try file.writeAll($0) }
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
            guard link(draft.string, path.string) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
            // A key whose name is lost with the power would leave a store that nobody can open.
            try StoreFile.syncFolder(path.parent)
        } catch let error as Errno {
            throw StoreError(
                .cannotCreate, "the key file \(path) cannot be made: \(error.description.lowercased())",
                remedy: "Name another place in LARKIMG_KEY_FILE", underlying: error
            )
        }
    }

    private static func unusable(_ path: FilePath, _ what: String, remedy: String) -> StoreError {
        StoreError(.keyUnusable, "the key file \(path) \(what)", remedy: remedy)
    }
}
