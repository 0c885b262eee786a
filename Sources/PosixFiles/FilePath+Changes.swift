import Glibc
package import SystemPackage

extension FilePath {
    /// Gives a file another name, and replaces the file that has it: `rename(2)`.
    ///
    /// - Throws: `Errno`.
    package func rename(to name: FilePath) throws(Errno) {
        guard Glibc.rename(string, name.string) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Removes a name of a file, a link or a socket: `unlink(2)`.
    ///
    /// - Returns: false if there was none.
    /// - Throws: `Errno`.
    @discardableResult
    package func removeFile() throws(Errno) -> Bool {
        if unlink(string) == 0 { return true }
        guard errno == ENOENT else { throw Errno(rawValue: errno) }
        return false
    }

    /// Sets the permissions, whatever the umask: `chmod(2)`. Links are followed.
    ///
    /// - Throws: `Errno`.
    package func setPermissions(_ permissions: FilePermissions) throws(Errno) {
        guard chmod(string, permissions.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Sets the group by its number, and keeps the owner: `chown(2)`. Links are followed.
    ///
    /// - Throws: `Errno`, such as `notPermitted` for a group that the process is not a member of.
    package func setGroup(_ group: UInt32) throws(Errno) {
        guard chown(string, .max, group) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Returns the absolute path with all links followed: `realpath(3)`.
    ///
    /// - Throws: `Errno`, such as `noSuchFileOrDirectory`.
    package func resolved() throws(Errno) -> FilePath {
        guard let resolved = realpath(string, nil) else { throw Errno(rawValue: errno) }
        defer { free(resolved) }
        return FilePath(String(cString: resolved))
    }
}
