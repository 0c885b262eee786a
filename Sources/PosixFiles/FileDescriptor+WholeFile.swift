import Glibc
package import SystemPackage

extension FileDescriptor {
    /// Reads to the end of the file, but never more than a limit: `/dev/zero` has no end.
    ///
    /// - Parameter limit: in bytes.
    /// - Throws: `Errno`.
    package func readAll(upTo limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let part = try [UInt8](unsafeUninitializedCapacity: min(65_536, limit - bytes.count)) { buffer, count in
                count = try read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard !part.isEmpty else { break }
            bytes += part
        }
        return bytes
    }

    /// Waits until everything written is on the disk; for a directory, until its names are: `fsync(2)`.
    ///
    /// - Throws: `Errno`.
    package func sync() throws(Errno) {
        guard fsync(rawValue) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Sets when the content was last changed, and last read: `futimens(3)`.
    ///
    /// - Parameter seconds: since 1970.
    /// - Throws: `Errno`.
    package func setModified(_ seconds: Double) throws(Errno) {
        let whole = seconds.rounded(.down)
        let modified = timespec(tv_sec: Int(whole), tv_nsec: Int((seconds - whole) * 1e9))
        guard futimens(rawValue, [modified, modified]) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Opens a directory, to look at it and to create files in it.
    ///
    /// - Throws: `Errno`.
    package static func openDirectory(_ path: FilePath) throws -> FileDescriptor {
        try open(path, .readOnly, options: [.directory, .closeOnExec])
    }

    /// Waits until the names in a directory are on the disk.
    ///
    /// - Throws: `Errno`.
    package static func syncDirectory(_ path: FilePath) throws {
        let directory = try openDirectory(path)
        try directory.closeAfter { try directory.sync() }
    }
}
