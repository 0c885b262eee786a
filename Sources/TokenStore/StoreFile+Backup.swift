import Glibc
import SystemPackage

/// The files of a backup: private from the first byte, under their name only when whole.
extension StoreFile {
    /// Checks the folder a backup goes to; unlike a store's, others may write to it.
    ///
    /// - Throws: ``StoreError`` `cannotCreate`.
    static func checkBackupFolder(_ folder: FilePath) throws {
        guard access(folder.string, W_OK | X_OK) == 0 else { throw cannotWrite(folder, Errno(rawValue: errno)) }
    }

    /// Makes an empty file for its owner only.
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

    /// Gives a finished file its name, and writes the folder out.
    ///
    /// - Throws: ``StoreError`` `cannotCreate` when the name is taken.
    static func publish(_ draft: FilePath, as name: FilePath) throws {
        guard link(draft.string, name.string) == 0 else { throw cannotWrite(name, Errno(rawValue: errno)) }
        do {
            try syncFolder(name.parent)
        } catch let error as Errno {
            throw StoreError(
                .inputOutput, "\(name) may not be on the disk yet: \(error.description.lowercased())",
                remedy: "Check the disk, then back up again under another name", underlying: error
            )
        }
    }

    /// Writes a folder's entries out, so that a new name survives the loss of power.
    ///
    /// - Throws: `Errno`.
    static func syncFolder(_ folder: FilePath) throws {
        let opened = try FileDescriptor.open(folder, .readOnly, options: [.directory, .closeOnExec])
        try opened.closeAfter {
            guard fsync(opened.rawValue) == 0 else { throw Errno(rawValue: errno) }
        }
    }

    /// Removes what has no further use, its journal too; what is gone already is well.
    static func removeDraft(_ draft: FilePath) {
        unlink(draft.string)
        unlink(draft.string + "-journal")
    }

    private static func cannotWrite(_ path: FilePath, _ error: Errno) -> StoreError {
        StoreError(
            .cannotCreate, "\(path) cannot be made: \(error.description.lowercased())",
            remedy: "Name a file that is not there yet, in a folder you can write to", underlying: error
        )
    }
}
