import Glibc
package import SystemPackage

/// The names in an open directory.
extension FileDescriptor {
    /// Opens a file in this directory for reading; a link is not followed.
    ///
    /// - Throws: `Errno`, `tooManySymbolicLinkLevels` for a link.
    package func openFile(_ name: String) throws(Errno) -> FileDescriptor {
        try open(name, O_RDONLY | O_NOFOLLOW)
    }

    /// Opens a directory in this directory, as ``openDirectory(_:)`` does; a link is not followed.
    ///
    /// - Throws: `Errno`, `notDirectory` for a link.
    package func openSubdirectory(_ name: String) throws(Errno) -> FileDescriptor {
        try open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    }

    /// Creates a directory in this directory, with permissions less the umask.
    ///
    /// - Returns: false if the name is taken.
    /// - Throws: `Errno`.
    package func createSubdirectory(_ name: String, permissions: FilePermissions) throws(Errno) -> Bool {
        if mkdirat(rawValue, name, permissions.rawValue) == 0 { return true }
        guard errno == EEXIST else { throw Errno(rawValue: errno) }
        return false
    }

    /// Passes the bytes of each name in this directory to a body, without `.` and `..`, in no order.
    ///
    /// - Throws: `Errno`.
    package func forEachName(_ body: (UnsafeRawBufferPointer) -> Void) throws(Errno) {
        // closedir(3) closes the descriptor of a listing, so it gets its own.
        let copy = try open(".", O_RDONLY | O_DIRECTORY)
        guard let listing = fdopendir(copy.rawValue) else {
            let error = Errno(rawValue: errno)
            try? copy.close()
            throw error
        }
        defer { closedir(listing) }
        while true {
            // readdir(3) returns nil at the end as well as for an error.
            errno = 0
            guard let entry = readdir(listing) else { break }
            withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                let name = bytes.prefix { $0 != 0 }
                guard !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) else { return }
                body(UnsafeRawBufferPointer(rebasing: name))
            }
        }
        guard errno == 0 else { throw Errno(rawValue: errno) }
    }

    private func open(_ name: String, _ flags: Int32) throws(Errno) -> FileDescriptor {
        let number = openat(rawValue, name, flags | O_CLOEXEC)
        guard number >= 0 else { throw Errno(rawValue: errno) }
        return FileDescriptor(rawValue: number)
    }
}
