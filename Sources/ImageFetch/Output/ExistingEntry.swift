import LarkAPI
import PosixFiles
import SystemPackage

/// What already has a name that a download would get. It is examined, never opened, and links are not followed.
struct ExistingEntry: Sendable {
    /// As it is shown to the user.
    let path: FilePath
    let status: FileStatus
}

extension FileStatus {
    /// Whether `--overwrite` may replace it: directories, FIFOs, devices and sockets are never replaced.
    var isReplaceable: Bool { kind == .regular || kind == .link }
}

extension ImageFetchError {
    /// The error for a name that belongs to something that is not replaced.
    static func inTheWay(_ path: FilePath) -> ImageFetchError {
        ImageFetchError(
            .cannotCreate, "\(path) exists and is not a regular file",
            remedy: "Name another file with -o; a link is replaced with --overwrite, anything else never"
        )
    }
}
