import Glibc
import LarkAPI
import PosixFiles
import SystemPackage

/// The files of a backup: private from the first byte, under their name only when whole.
extension StoreFile {
    /// Checks the directory a backup goes to; unlike a store's, others may write to it.
    ///
    /// - Throws: ``StoreError`` `cannotCreate`.
    static func checkBackupDirectory(_ directory: FilePath) throws {
        guard access(directory.string, W_OK | X_OK) == 0 else { throw cannotWrite(directory, Errno(rawValue: errno)) }
    }

    /// Creates an empty file for its owner only.
    ///
    /// - Throws: ``StoreError`` `cannotCreate`.
    static func createPrivateFile(_ path: FilePath) throws {
        do {
            let file = try FileDescriptor.open(
                path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: .ownerReadWrite
            )
            try file.close()
        } catch let error as Errno {
            throw cannotWrite(path, error)
        }
    }

    /// Gives a finished file its name, and waits until the name is on the disk.
    ///
    /// - Throws: ``StoreError`` `cannotCreate` when the name is taken.
    static func publish(_ draft: FilePath, as name: FilePath) throws {
        guard link(draft.string, name.string) == 0 else { throw cannotWrite(name, Errno(rawValue: errno)) }
        do {
            try FileDescriptor.syncDirectory(name.parent)
        } catch let error as Errno {
            throw StoreError(
                .inputOutput, "\(name) may not be on the disk yet: \(error.description.lowercased())",
                remedy: "Check the disk, then back up again under another name", underlying: error
            )
        }
    }

    /// Removes a draft and its journal, if they exist.
    static func removeDraft(_ draft: FilePath) {
        unlink(draft.string)
        unlink(draft.string + "-journal")
    }

    private static func cannotWrite(_ path: FilePath, _ error: Errno) -> StoreError {
        StoreError(
            .cannotCreate, "\(path) cannot be made: \(error.description.lowercased())",
            remedy: "Name a file that is not there yet, in a directory you can write to", underlying: error
        )
    }
}
