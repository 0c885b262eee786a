import LarkAPI
import PosixFiles
import SystemPackage

/// Where one download goes, with the output directory open.
enum DownloadTarget: Sendable {
    /// To a name in the output directory.
    case named(OutputName, in: OutputDirectory, overwrite: Bool)
    /// To a descriptor, by way of a nameless file in a spool directory.
    case copied(to: FileDescriptor, spool: OutputDirectory)

    /// Whether the file goes to the output directory itself, as most others do.
    var isInRoot: Bool {
        guard case .named(let name, _, _) = self else { return true }
        return name.directories.isEmpty
    }

    /// Returns the file that exists already and makes the download unnecessary.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate` when something has the name that is never replaced.
    func existing(_ reference: ImageReference) async throws -> DownloadOutcome? {
        guard case .named(let name, let output, let overwrite) = self else { return nil }
        let fileNames = name.possibleFileNames(of: reference)
        // Which of several names an overwriting download takes is known only with its content.
        guard !overwrite || fileNames.count == 1 else { return nil }
        guard let entry = try await output.firstExisting(fileNames, in: name.directories) else { return nil }
        if overwrite, entry.status.isReplaceable { return nil }
        guard entry.status.kind == .regular else { throw ImageFetchError.inTheWay(entry.path) }
        return .existing(reference, path: entry.path, bytes: entry.status.size)
    }

    /// Creates a file without a name where the download goes, for a body to fill and then to keep.
    ///
    /// - Throws: ``ImageFetchError``; what the body throws.
    func withFile<Result>(_ body: (PendingFile) async throws -> Result) async throws -> Result {
        switch self {
        case .named(let name, let output, _):
            // Readable by all, as downloads are, less what the umask takes away.
            try await output.withDirectory(name.directories) { directory in
                try await PendingFile.with(in: directory, permissions: FilePermissions(rawValue: 0o644), body)
            }
        case .copied(_, let spool):
            // The spool directory is usually shared by all users.
            try await spool.withDirectory([]) { directory in
                try await PendingFile.with(in: directory, permissions: .ownerReadWrite, body)
            }
        }
    }

    /// Gives a checked file its name, or copies it to the descriptor.
    ///
    /// - Returns: the path, nil for a descriptor; the size in bytes of a file that existed, if it was left alone.
    /// - Throws: ``ImageFetchError``.
    func keep(
        _ file: PendingFile, fileExtension: String, timing: Clocks
    ) async throws -> (path: String?, existingBytes: Int?) {
        switch self {
        case .copied(let descriptor, _):
            try await file.copy(to: descriptor, timing: timing)
            return (nil, nil)
        case .named(let name, _, let overwrite):
            let fileName = name.fileName(withExtension: fileExtension)
            let path = file.pathForUser(of: fileName).string
            switch try await file.publish(as: fileName, overwrite: overwrite) {
            case .named: return (path, nil)
            case .taken(let bytes): return (path, bytes)
            }
        }
    }
}
