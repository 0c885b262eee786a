import PosixFiles
import SystemPackage

/// A file with a secret.
enum SecretFile {
    static let work = BlockingWork(label: "larkimg.secrets")

    /// Reads a file. Links are followed: that is how Kubernetes replaces the files of a secret.
    ///
    /// - Parameter limit: the most bytes to read.
    /// - Throws: `Errno`; `invalidArgument` for anything but a regular file.
    static func read(_ path: String, upTo limit: Int) async throws -> [UInt8] {
        try await work.run {
            // Not blocking: opening a FIFO would wait for its writer.
            let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .nonBlocking])
            return try file.closeAfter {
                guard try FileStatus.of(file).kind == .regular else { throw Errno.invalidArgument }
                return try file.readAll(upTo: limit)
            }
        }
    }
}
