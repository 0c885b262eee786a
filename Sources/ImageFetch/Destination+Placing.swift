import LarkAPI
import SystemPackage

extension Destination {
    /// The folder in which a download is written before it has a name.
    var workingFolder: FilePath {
        switch self {
        case .folder(let path): FilePath(path)
        case .file(let path): FilePath(path).removingLastComponent()
        case .descriptor(_, let spoolFolder): FilePath(spoolFolder)
        }
    }

    /// The permissions of the file: readable by all, as downloads are, but not while it lies in a folder of all.
    var permissions: FilePermissions {
        switch self {
        case .folder, .file: FilePermissions(rawValue: 0o644)
        case .descriptor: .ownerReadWrite
        }
    }

    /// What is there already and makes a download needless.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate` when something is in the way that is never replaced.
    func present(_ reference: ImageReference, overwrite: Bool) throws -> DownloadOutcome? {
        switch self {
        case .descriptor:
            return nil
        case .file(let path):
            return try present(reference, at: FilePath(path), overwrite: overwrite)
        case .folder(let folder):
            guard !overwrite else { return nil }
            return try FileExtension.possible(for: reference).lazy
                .compactMap { fileExtension in
                    let path = FilePath(folder).appending("\(reference.key).\(fileExtension)")
                    return try present(reference, at: path, overwrite: overwrite)
                }
                .first
        }
    }

    private func present(_ reference: ImageReference, at path: FilePath, overwrite: Bool) throws -> DownloadOutcome? {
        guard !path.isEmpty else { throw TakenName.noName() }
        let taken = try TakenName.status(of: path)
        if case .nothing = taken { return nil }
        if overwrite, taken.isReplaceable { return nil }
        guard case .plainFile(let bytes) = taken else { throw TakenName.inTheWay(path) }
        return DownloadOutcome(
            reference: reference, status: .exists, path: path.string, bytes: bytes, contentType: nil, sha256: nil,
            attempts: 0)
    }

    /// Gives a checked file its place.
    ///
    /// - Returns: the path, nil for a descriptor; the size of the file that was there, if it was left alone.
    /// - Throws: ``ImageFetchError``.
    func place(
        _ file: UnfinishedFile, of reference: ImageReference, fileExtension: String, overwrite: Bool, timing: Timing
    ) async throws -> (path: String?, existingBytes: Int?) {
        let path: FilePath
        switch self {
        case .descriptor(let number, _):
            try await file.copy(to: FileDescriptor(rawValue: number), timing: timing)
            return (nil, nil)
        case .folder(let folder):
            path = FilePath(folder).appending("\(reference.key).\(fileExtension)")
        case .file(let name):
            path = FilePath(name)
        }
        guard let name = path.lastComponent?.string else { throw TakenName.inTheWay(path) }
        switch try file.name(name, overwrite: overwrite) {
        case .named: return (path.string, nil)
        case .taken(let bytes): return (path.string, bytes)
        }
    }
}
