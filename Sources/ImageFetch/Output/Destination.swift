import LarkAPI
import SystemPackage

/// Where a single download goes.
public enum Destination: Sendable, Hashable {
    /// Into a folder that is there, empty for the current one, as `<key>.<extension by content>`.
    case folder(String)
    /// Into this file; its folder must be there.
    case file(String)
    /// To an open file descriptor, such as 1 for stdout: all of a checked file, or nothing. Until it is checked it lies
    /// in the spool folder, without a name and for this user only.
    case descriptor(Int32, spoolFolder: String = "/tmp")

    /// Opens the folder, and gives the place in it to a body.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    func withPlace<Result>(
        for reference: ImageReference, overwrite: Bool, _ body: (DownloadTarget) async throws -> Result
    ) async throws -> Result {
        switch self {
        case .folder(let path):
            return try await OutputDirectory.with(root: FilePath(path)) { tree in
                try await body(.named(.byKey(of: reference), in: tree, overwrite: overwrite))
            }
        case .file(let text):
            let path = FilePath(text)
            guard let component = path.lastComponent, component.kind == .regular else {
                throw ImageFetchError(
                    .cannotCreate, "'\(TerminalText.visible(text, limit: 200))' is not a file name",
                    remedy: "Give a file name with -o")
            }
            let name = OutputName(folders: [], file: [.text(component.string)])
            return try await OutputDirectory.with(root: path.removingLastComponent()) { tree in
                try await body(.named(name, in: tree, overwrite: overwrite))
            }
        case .descriptor(let number, let spoolFolder):
            return try await OutputDirectory.with(root: FilePath(spoolFolder)) { spool in
                try await body(.copied(to: FileDescriptor(rawValue: number), spool: spool))
            }
        }
    }
}
