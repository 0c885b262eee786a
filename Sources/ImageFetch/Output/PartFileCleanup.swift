import Glibc
import Synchronization
import SystemPackage

/// The hidden names of unfinished files, and what dead processes left under them.
enum PartFileCleanup {
    private static let prefix = ".larkimg-"
    private static let suffix = ".part"
    /// Seconds after which nobody can still be writing: no download is allowed to take a day.
    private static let age = 86_400

    /// A name that nobody has.
    static func newName() -> String {
        prefix + String(UInt64.random(in: .min ... .max), radix: 36) + suffix
    }

    /// Where this process has swept. A sweep reads a whole folder, and there may be a hundred thousand images in one.
    private static let swept = Mutex<Set<FilePath>>([])

    /// Removes old drafts from a folder, the first time it is asked to. What cannot be removed is left for the next
    /// process.
    static func sweepOnce(_ folder: FileDescriptor, at path: FilePath) {
        if swept.withLock({ $0.insert(path).inserted }) { sweep(folder) }
    }

    private static func sweep(_ folder: FileDescriptor) {
        let copy = openat(folder.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let listing = fdopendir(copy) else { return }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { continue }
            var status = stat()
            guard fstatat(folder.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
                status.st_mode & S_IFMT == S_IFREG, status.st_mtim.tv_sec < time(nil) - age
            else { continue }
            unlinkat(folder.rawValue, name, 0)
        }
    }
}
