import Database
import PosixFiles
import SystemPackage

/// Reads files with secrets on a thread of its own: a file system that does not respond takes no thread from other tasks.
actor SecretFiles {
    static let shared = SecretFiles()

    private let executor = QueueExecutor(label: "larkimg.secrets")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Reads a file. Links are followed: that is how Kubernetes replaces the files of a secret.
    ///
    /// - Parameter limit: the most bytes to read.
    /// - Throws: `Errno`; `invalidArgument` for anything but a regular file.
    func read(_ path: String, upTo limit: Int) throws -> [UInt8] {
        // Not blocking: opening a FIFO would wait for its writer.
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .nonBlocking])
        return try file.closeAfter {
            guard try FileStatus.of(file).kind == .regular else { throw Errno.invalidArgument }
            return try file.readAll(upTo: limit)
        }
    }
}
