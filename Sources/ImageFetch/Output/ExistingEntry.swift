import Glibc
import SystemPackage

/// What is at a name before a file gets it. Links are looked at, never followed; nothing is opened.
enum ExistingEntry {
    case nothing
    case plainFile(bytes: Int)
    case link
    /// A folder, FIFO, device or socket: never replaced.
    case other

    /// Whether `--overwrite` may put a file in its place.
    var isReplaceable: Bool {
        switch self {
        case .nothing, .plainFile, .link: true
        case .other: false
        }
    }

    /// What has a name in a folder.
    ///
    /// - Parameters:
    ///   - name: the name.
    ///   - folder: the folder.
    /// - Throws: ``ImageFetchError`` `cannotCreate` when it cannot be looked at.
    static func status(of name: String, in folder: OpenDirectory) throws -> ExistingEntry {
        var status = stat()
        guard fstatat(folder.descriptor.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return .nothing }
            let error = Errno(rawValue: errno)
            throw ImageFetchError(
                .cannotCreate, "\(folder.shown(name)) cannot be examined: \(error.description.lowercased())",
                remedy: "Choose another place with -d or -o", underlying: error
            )
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .plainFile(bytes: Int(status.st_size))
        case S_IFLNK: return .link
        default: return .other
        }
    }

    /// The error for a name that is taken by something that is not replaced.
    static func inTheWay(_ path: FilePath) -> ImageFetchError {
        ImageFetchError(
            .cannotCreate, "\(path) exists and is not a regular file",
            remedy: "Choose another file with -o; --overwrite replaces a symbolic link, but nothing else"
        )
    }
}
