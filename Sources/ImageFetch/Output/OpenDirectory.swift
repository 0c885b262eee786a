import LarkAPI
import NIOPosix
import PosixFiles
import SystemPackage

/// A directory that is kept open to create files in it, and the threads that its blocking calls run on.
struct OpenDirectory: Sendable {
    let descriptor: FileDescriptor
    /// As the user named it.
    let path: FilePath
    private let pool: NIOThreadPool
    private let pendingSync: DirectorySync

    init(_ descriptor: FileDescriptor, path: FilePath, pool: NIOThreadPool) {
        self.descriptor = descriptor
        self.path = path
        self.pool = pool
        pendingSync = DirectorySync(descriptor, pool: pool)
    }

    /// Opens a directory below this one, on the same threads. Blocks.
    func subdirectory(_ descriptor: FileDescriptor, name: String) -> OpenDirectory {
        OpenDirectory(descriptor, path: pathForUser(of: name), pool: pool)
    }

    /// Runs blocking calls on one of the threads.
    ///
    /// - Throws: what the body throws; `CancellationError` when the task is cancelled before a thread is free.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await pool.runIfActive(body)
    }

    /// Runs blocking calls on one of the threads, also in a task that is cancelled.
    func runAlways(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            pool.submit { _ in
                body()
                continuation.resume()
            }
        }
    }

    /// Returns when the names given so far are on the disk.
    ///
    /// - Throws: ``ImageFetchError`` `writeFailed`.
    func sync() async throws {
        do {
            try await pendingSync.sync()
        } catch let error as Errno {
            throw ImageFetchError.writing(in: path, error)
        }
    }

    /// Returns what has a name, or nil if nothing has. Links are not followed. Blocks.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate` when it cannot be examined.
    func status(of name: String) throws -> FileStatus? {
        do throws(Errno) {
            return try FileStatus.of(name, in: descriptor)
        } catch {
            throw ImageFetchError(
                .cannotCreate, "cannot examine \(pathForUser(of: name)): \(error.description.lowercased())",
                remedy: "Name another place with -d or -o", underlying: error
            )
        }
    }

    /// The path of a name in the directory as it is shown to the user: without the `.` of the current directory.
    func pathForUser(of name: String) -> FilePath { path == "." ? FilePath(name) : path.appending(name) }

    func close() {
        // What must last was synced; a descriptor of a directory has nothing to lose.
        try? descriptor.close()
    }
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
            .cannotCreate, "cannot create a file at \(path): \(error.description.lowercased())",
            remedy: "Name another place with -d or -o, or fix its permissions", underlying: error
        )
    }
}
