import FoundationEssentials
import LarkAPI
import PosixFiles
import Synchronization
import SystemPackage

/// Where a single download goes. Missing directories are created.
public enum Destination: Sendable, Hashable {
    /// Into a directory, empty for the current one, as `<key>.<extension by content>`.
    case directory(String)
    /// Into this file.
    case file(String)
    /// To an open file descriptor, such as 1 for stdout: all of a checked file, or nothing. Until it is checked it is
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
                    remedy: Remedy("", DownloadAction.chooseFileName))
            }
            let name = OutputName(directories: [], file: [.text(component.string)])
            return try await OutputDirectory.with(root: path.removingLastComponent()) { output in
                try await body(.named(name, in: output, overwrite: overwrite))
            }
        case .descriptor(let number, let spoolDirectory):
            return try await OutputDirectory.with(root: FilePath(spoolDirectory), createsMissing: false) { spool in
                try await body(.copied(to: FileDescriptor(rawValue: number), spool: spool))
            }
        }
    }
}

/// The target of one download, with the output directory open.
enum DownloadTarget: Sendable {
    /// A name in the output directory; the time of modification, if it is not the current one.
    case named(OutputName, in: OutputDirectory, overwrite: Bool, modified: Date? = nil)
    /// A descriptor, by way of a nameless file in a spool directory.
    case copied(to: FileDescriptor, spool: OutputDirectory)
    /// Memory.
    case memory(MemoryBuffer)

    /// The names under which a file may exist already.
    struct Lookup: Sendable {
        let directories: [String]
        let fileNames: [String]
    }

    /// Whether the file goes to the output directory itself, as most files do.
    var isInRoot: Bool {
        guard case .named(let name, _, _, _) = self else { return true }
        return name.directories.isEmpty
    }

    /// The names to look for; nil if no existing file matters.
    func lookup(for reference: ImageReference) -> Lookup? {
        guard case .named(let name, _, let overwrite, _) = self else { return nil }
        let fileNames = name.possibleFileNames(of: reference)
        // Which of several names an overwriting download takes is known only with its content.
        guard !overwrite || fileNames.count == 1 else { return nil }
        return Lookup(directories: name.directories, fileNames: fileNames)
    }

    /// Returns the outcome of a download that an existing file makes unnecessary; nil if there is something to download.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate` when something has the name that is never replaced.
    func outcome(of reference: ImageReference, existing entry: ExistingEntry?) throws -> DownloadOutcome? {
        guard case .named(_, _, let overwrite, _) = self, let entry else { return nil }
        if overwrite, entry.status.isReplaceable { return nil }
        guard entry.status.kind == .regular else { throw ImageFetchError.inTheWay(entry) }
        return .existing(reference, path: entry.path, bytes: entry.status.size)
    }

    /// Looks for a file that exists already and makes the download unnecessary.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate` when something has the name that is never replaced.
    func existing(_ reference: ImageReference) async throws -> DownloadOutcome? {
        guard case .named(_, let output, _, _) = self, let lookup = lookup(for: reference) else { return nil }
        return try outcome(of: reference, existing: try await output.firstExisting(lookup))
    }

    /// Creates a file without a name where the download goes, or empties the buffer, for a body to fill and to keep.
    ///
    /// - Throws: ``ImageFetchError``; what the body throws.
    func withSink<Result>(_ body: (any DownloadSink) async throws -> Result) async throws -> Result {
        switch self {
        case .memory(let buffer):
            buffer.removeAll()
            return try await body(buffer)
        case .named(let name, let output, _, _):
            // Readable by all, as downloads are, less what the umask takes away.
            return try await output.withDirectory(name.directories) { directory in
                try await PendingFile.with(in: directory, permissions: FilePermissions(rawValue: 0o644), body)
            }
        case .copied(_, let spool):
            // The spool directory is usually shared by all users.
            return try await spool.withDirectory([]) { directory in
                try await PendingFile.with(in: directory, permissions: .ownerReadWrite, body)
            }
        }
    }

    /// Gives a checked file its name, or copies it to the descriptor.
    ///
    /// - Returns: the path, if it has one; the size in bytes of a file that existed, if it was kept.
    /// - Throws: ``ImageFetchError``.
    func keep(
        _ sink: any DownloadSink, fileExtension: String, clocks: Clocks
    ) async throws -> (path: String?, existingBytes: Int?) {
        guard let file = sink as? PendingFile else { return (nil, nil) }
        switch self {
        case .memory:
            return (nil, nil)
        case .copied(let descriptor, _):
            try await file.copy(to: descriptor, clocks: clocks)
            return (nil, nil)
        case .named(let name, _, let overwrite, let modified):
            let fileName = name.fileName(withExtension: fileExtension)
            let path = file.path(of: fileName).string
            switch try await file.publish(as: fileName, overwrite: overwrite, modified: modified) {
            case .named: return (path, nil)
            case .taken(let bytes): return (path, bytes)
            }
        }
    }
}

/// What takes the bytes of a download.
protocol DownloadSink: AnyObject {
    /// Adds bytes at the end.
    ///
    /// - Throws: ``ImageFetchError`` `writeFailed`; `CancellationError`.
    func append(_ bytes: [UInt8]) async throws
}

/// A download in memory.
final class MemoryBuffer: DownloadSink, Sendable {
    private let contents = Mutex<[UInt8]>([])

    var bytes: [UInt8] { contents.withLock { $0 } }

    func append(_ bytes: [UInt8]) { contents.withLock { $0 += bytes } }

    func removeAll() { contents.withLock { $0 = [] } }
}
