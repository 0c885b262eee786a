import Glibc
import LarkAPI
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
        let number = Glibc.open(directory, __O_TMPFILE | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o600)
        if number >= 0 { return FileDescriptor(rawValue: number) }
        // Without nameless files, one is created and its name removed at once.
        var template = Array("\(directory)/.larkimg-XXXXXX".utf8CString)
        let made = mkstemp(&template)
        guard made >= 0, fcntl(made, F_SETFD, FD_CLOEXEC) == 0 else {
            let reason = Errno(rawValue: errno)
            throw ImageFetchError(
                .cannotCreate, "cannot create a file in \(directory): \(reason.reason)",
                remedy: Remedy("", DownloadAction.chooseTemporaryDirectory), underlying: reason)
        }
        unlink(template)
        return FileDescriptor(rawValue: made)
    }
}
