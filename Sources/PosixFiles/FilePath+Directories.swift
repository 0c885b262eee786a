import Glibc
package import SystemPackage

extension FilePath {
    /// The directory that contains a path, `.` for a bare name.
    package var parent: FilePath {
        let parent = removingLastComponent()
        return parent.isEmpty ? "." : parent
    }

    /// Creates a directory, and the missing ones above it. One that exists is left as it is.
    ///
    /// - Throws: `Errno`.
    package func createDirectories(permissions: FilePermissions) throws {
        guard FileStatus.of(self, followsLinks: true) == nil, self != parent else { return }
        try parent.createDirectories(permissions: permissions)
        _ = try createDirectory(permissions: permissions)
    }

    /// Creates a directory, with permissions less the umask.
    ///
    /// - Returns: false if the name is taken.
    /// - Throws: `Errno`.
    package func createDirectory(permissions: FilePermissions) throws(Errno) -> Bool {
        if mkdir(string, permissions.rawValue) == 0 { return true }
        guard errno == EEXIST else { throw Errno(rawValue: errno) }
        return false
    }
}
