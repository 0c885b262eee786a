import NIOPosix
import SystemPackage

/// An open folder that files are made in.
struct OpenDirectory: Sendable {
    let descriptor: FileDescriptor
    /// What the user is shown.
    let path: FilePath
    let pool: NIOThreadPool
    private let flush: DirectorySync

    init(_ descriptor: FileDescriptor, path: FilePath, pool: NIOThreadPool) {
        self.descriptor = descriptor
        self.path = path
        self.pool = pool
        flush = DirectorySync(descriptor, pool: pool)
    }

    /// Comes back when the names given so far are on the disk.
    ///
    /// - Throws: ``ImageFetchError`` `writeFailed`.
    func sync() async throws {
        do {
            try await flush.sync()
        } catch let error as Errno {
            throw ImageFetchError.writing(in: path, error)
        }
    }

    /// A path in the folder as the user is shown it: without the `.` of the current folder.
    func shown(_ name: String) -> FilePath { path == "." ? FilePath(name) : path.appending(name) }
}

extension ImageFetchError {
    static func writing(in path: FilePath, _ error: Errno) -> ImageFetchError {
        ImageFetchError(
            .writeFailed, "writing in \(path) failed: \(error.description.lowercased())",
            remedy:
                "Make room on the disk or name another place with -d, then run this again; no part of a file was left",
            underlying: error
        )
    }

    static func creating(at path: FilePath, _ error: Errno) -> ImageFetchError {
        if [.noSpace, .diskQuotaExceeded, .ioError].contains(error) { return writing(in: path, error) }
        return ImageFetchError(
            .cannotCreate, "no file can be created at \(path): \(error.description.lowercased())",
            remedy: "Choose another place with -d or -o, or fix its permissions", underlying: error
        )
    }
}
