import LarkAPI
import SystemPackage

/// Where a single download goes.
public enum Destination: Sendable, Hashable {
    /// Into a directory that exists, empty for the current one, as `<key>.<extension by content>`.
    case directory(String)
    /// Into this file; its directory must exist.
    case file(String)
    /// To an open file descriptor, such as 1 for stdout: all of a checked file, or nothing. Until it is checked it lies
    /// in the spool directory, without a name and for this user only.
    case descriptor(Int32, spoolDirectory: String = "/tmp")

    /// Opens the directory, and passes the target in it to a body.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    func withTarget<Result>(
        for reference: ImageReference, overwrite: Bool, _ body: (DownloadTarget) async throws -> Result
    ) async throws -> Result {
        switch self {
        case .directory(let path):
            return try await OutputDirectory.with(root: FilePath(path)) { output in
                try await body(.named(.byKey(of: reference), in: output, overwrite: overwrite))
            }
        case .file(let text):
            let path = FilePath(text)
            guard let component = path.lastComponent, component.kind == .regular else {
                throw ImageFetchError(
                    .cannotCreate, "'\(TerminalText.visible(text, limit: 200))' is not a file name",
                    remedy: "Give a file name with -o")
            }
            let name = OutputName(directories: [], file: [.text(component.string)])
            return try await OutputDirectory.with(root: path.removingLastComponent()) { output in
                try await body(.named(name, in: output, overwrite: overwrite))
            }
        case .descriptor(let number, let spoolDirectory):
            return try await OutputDirectory.with(root: FilePath(spoolDirectory)) { spool in
                try await body(.copied(to: FileDescriptor(rawValue: number), spool: spool))
            }
        }
    }
}
