import LarkAPI
import PosixFiles
import SystemPackage

/// A file without a name. It is gone when it is closed, or the process dies.
enum TemporaryFile {
    /// Creates one in a directory, passes it to a body, and closes it.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    static func with<Result>(
        in directory: String, _ body: (FileDescriptor) async throws -> Result
    ) async throws -> Result {
        let file = try open(in: directory)
        // Nothing in it is needed any more.
        defer { try? file.close() }
        return try await body(file)
    }

    private static func open(in directory: String) throws -> FileDescriptor {
        do throws(Errno) {
            return try FileDescriptor.openNameless(in: FilePath(directory))
        } catch {
            throw ImageFetchError(
                .cannotCreate, "cannot create a file in \(directory): \(error.reason)",
                remedy: Remedy("", DownloadAction.chooseTemporaryDirectory), underlying: error)
        }
    }
}
