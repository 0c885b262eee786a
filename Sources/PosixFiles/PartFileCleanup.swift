import Glibc
import Synchronization
import SystemPackage

/// The hidden names of unfinished files, and the removal of those that dead processes left behind.
enum PartFileCleanup {
    private static let prefix = ".larkimg-"
    private static let suffix = ".part"
    /// Seconds after which no process can still be writing: no download may take a day.
    private static let maximumAge = 86_400

    /// Returns a name that is not in use.
    static func newName() -> String {
        prefix + String(UInt64.random(in: .min ... .max), radix: 36) + suffix
    }

    /// The directories that this process has swept. A sweep reads a whole directory, which may hold 100,000 images.
    private static let swept = Mutex<Set<[CChar]>>([])

    /// Removes old drafts from a directory, at the first call for it. What cannot be removed is left for the next
    /// process.
    static func sweepOnce(_ directory: FileDescriptor) {
        let path = path(of: directory)
        if swept.withLock({ $0.insert(path).inserted }) { sweep(directory) }
    }

    /// The path that the kernel knows for an open directory; empty without `/proc`. An inode would not do: a directory
    /// that is created after another was removed may get its number.
    private static func path(of directory: FileDescriptor) -> [CChar] {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/fd/\(directory.rawValue)", &path, path.count)
        return Array(path.prefix(max(0, count)))
    }

    private static func sweep(_ directory: FileDescriptor) {
        try? directory.forEachName { bytes in
            let name = String(decoding: bytes, as: UTF8.self)
            guard name.hasPrefix(prefix), name.hasSuffix(suffix),
                let status = try? FileStatus.of(name, in: directory), status.kind == .regular,
                status.modified < time(nil) - maximumAge
            else { return }
            unlinkat(directory.rawValue, name, 0)
        }
    }
}
