import LarkAPI
import SystemPackage

/// Where one download goes, with the folders open.
enum DownloadTarget: Sendable {
    /// To a name in a tree of folders.
    case named(OutputName, in: OutputDirectory, overwrite: Bool)
    /// To a descriptor, by way of a nameless file in a folder.
    case copied(to: FileDescriptor, spool: OutputDirectory)

    /// What is there already and makes a download needless.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate` when something is in the way that is never replaced.
    func present(_ reference: ImageReference) async throws -> DownloadOutcome? {
        guard case .named(let name, let tree, let overwrite) = self else { return nil }
        let fileNames = name.possibleFileNames(of: reference)
        // Which of several names an overwriting download will take is known when its bytes are.
        guard !overwrite || fileNames.count == 1 else { return nil }
        guard let taken = try await tree.taken(fileNames, in: name.folders) else { return nil }
        if overwrite, taken.status.isReplaceable { return nil }
        guard case .plainFile(let bytes) = taken.status else { throw ExistingEntry.inTheWay(taken.path) }
        return .existing(reference, path: taken.path, bytes: bytes)
    }

    /// Makes a file without a name where the download shall be, for a body to fill and then to keep.
    ///
    /// - Throws: ``ImageFetchError``; what the body throws.
    func withFile<Result>(_ body: (AtomicFile) async throws -> Result) async throws -> Result {
        switch self {
        case .named(let name, let tree, _):
            // Readable by all, as downloads are, less what the umask takes away.
            try await tree.inFolder(name.folders) { folder in
                try await AtomicFile.with(in: folder, permissions: FilePermissions(rawValue: 0o644), body)
            }
        case .copied(_, let spool):
            // It lies in a folder of all.
            try await spool.inFolder([]) { folder in
                try await AtomicFile.with(in: folder, permissions: .ownerReadWrite, body)
            }
        }
    }

    /// Gives a checked file its place.
    ///
    /// - Returns: the path, nil for a descriptor; the size of the file that was there, if it was left alone.
    /// - Throws: ``ImageFetchError``.
    func keep(
        _ file: AtomicFile, fileExtension: String, timing: Clocks
    ) async throws -> (path: String?, existingBytes: Int?) {
        switch self {
        case .copied(let descriptor, _):
            try await file.copy(to: descriptor, timing: timing)
            return (nil, nil)
        case .named(let name, _, let overwrite):
            let fileName = name.fileName(withExtension: fileExtension)
            switch try await file.name(fileName, overwrite: overwrite) {
            case .named: return (file.shown(fileName).string, nil)
            case .taken(let bytes): return (file.shown(fileName).string, bytes)
            }
        }
    }
}
