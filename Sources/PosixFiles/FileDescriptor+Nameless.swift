import Glibc
package import SystemPackage

extension FileDescriptor {
    /// Creates a file without a name, for this user only. It is gone when it is closed, or the process dies.
    ///
    /// - Parameter directory: on the file system that is to hold its content.
    /// - Throws: `Errno`.
    package static func openNameless(in directory: FilePath) throws(Errno) -> FileDescriptor {
        let number = Glibc.open(directory.string, __O_TMPFILE | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o600)
        if number >= 0 { return FileDescriptor(rawValue: number) }
        return try openUnlinked(in: directory)
    }

    /// The same on file systems that have no `O_TMPFILE` (open(2)): its name is removed as soon as it exists.
    static func openUnlinked(in directory: FilePath) throws(Errno) -> FileDescriptor {
        var template = Array("\(directory)/.larkimg-XXXXXX".utf8CString)
        let number = mkstemp(&template)
        guard number >= 0 else { throw Errno(rawValue: errno) }
        let file = FileDescriptor(rawValue: number)
        file.setClosedOnExec()
        unlink(template)
        return file
    }
}
