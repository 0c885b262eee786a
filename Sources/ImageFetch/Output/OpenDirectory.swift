import LarkAPI
import NIOPosix
import PosixFiles
import Synchronization
import SystemPackage

/// A directory that is kept open to create files in it, and the threads that its blocking calls run on.
struct OpenDirectory: Sendable {
    let descriptor: FileDescriptor
    /// As the user named it.
    let path: FilePath
    private let pool: NIOThreadPool
    private let pendingSync: DirectorySync
    private let listing = DirectoryListing()

    init(_ descriptor: FileDescriptor, path: FilePath, pool: NIOThreadPool) {
        self.descriptor = descriptor
        self.path = path
        self.pool = pool
        pendingSync = DirectorySync(descriptor, pool: pool)
    }

    /// Creates the value for a directory below this one, on the same threads.
    func subdirectory(_ descriptor: FileDescriptor, name: String) -> OpenDirectory {
        OpenDirectory(descriptor, path: path(of: name), pool: pool)
    }

    /// Runs blocking calls on one of the threads.
    ///
    /// - Throws: what the body throws; `CancellationError` when the task is cancelled before a thread is free.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await pool.runIfActive(body)
    }

    /// Runs blocking calls on one of the threads, also in a task that is cancelled.
    func runAlways(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            pool.submit { _ in
                body()
                continuation.resume()
            }
        }
    }

    /// Returns when the names given so far are on the disk.
    ///
    /// - Throws: ``ImageFetchError`` `writeFailed`.
    func sync() async throws {
        do {
            try await pendingSync.sync()
        } catch let error as Errno {
            throw ImageFetchError.writing(in: path, error)
        }
    }

    /// Returns the first of some names that exists, or nil if none does. An empty file does not count: no download is
    /// empty. Links are not followed. Blocks.
    ///
    /// - Parameter usesListing: skips names that were not there when the directory was listed. Saves many calls for
    ///   long lists, and may miss a file that another process has created meanwhile.
    /// - Throws: ``ImageFetchError`` `cannotCreate` when one cannot be examined.
    func firstExisting(_ names: [String], usesListing: Bool) throws(ImageFetchError) -> ExistingEntry? {
        for name in names where !usesListing || listing.mayContain(name, of: descriptor) {
            if let status = try status(of: name), !status.isEmptyFile {
                return ExistingEntry(path: path(of: name), status: status)
            }
        }
        return nil
    }

    /// Returns what has a name, or nil if nothing has. Links are not followed. Blocks.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate` when it cannot be examined.
    func status(of name: String) throws(ImageFetchError) -> FileStatus? {
        do throws(Errno) {
            return try FileStatus.of(name, in: descriptor)
        } catch {
            throw ImageFetchError(
                .cannotCreate, "cannot examine \(path(of: name)): \(error.reason)",
                remedy: Remedy("", DownloadAction.chooseOutput), underlying: error
            )
        }
    }

    /// The path of a name in the directory, without the `.` of the current directory.
    func path(of name: String) -> FilePath { path == "." ? FilePath(name) : path.appending(name) }

    func close() {
        // What must last was synced; a descriptor of a directory has nothing to lose.
        try? descriptor.close()
    }
}

/// What already has a name that a download would get. It is examined, never opened, and links are not followed.
struct ExistingEntry: Sendable {
    let path: FilePath
    let status: FileStatus
}

extension FileStatus {
    /// Whether it may be overwritten: directories, FIFOs, devices and sockets never are.
    var isReplaceable: Bool { kind == .regular || kind == .link }

    var isEmptyFile: Bool { kind == .regular && size == 0 }
}

/// The names that were in a directory when it was listed. With them, a long list needs no system call for each name
/// that a file might have.
private final class DirectoryListing: Sendable {
    private struct State {
        var lookups = 0
        /// Fingerprints of the names; nil until the directory is listed.
        var names: Set<Int>?
    }

    private let state = Mutex(State())

    /// A few names are looked up one by one, since the directory may be large.
    private static let lookupsBeforeListing = 1000

    /// Whether a name may exist. Blocks.
    func mayContain(_ name: String, of directory: FileDescriptor) -> Bool {
        var name = name
        let fingerprint = name.withUTF8 { Self.fingerprint(of: UnsafeRawBufferPointer($0)) }
        let (known, isDue) = state.withLock { state in
            state.lookups += 1
            return (state.names.map { $0.contains(fingerprint) }, state.lookups == Self.lookupsBeforeListing)
        }
        if let known { return known }
        // While it is listed, or if it cannot be, the file system is asked.
        if isDue, let names = Self.names(in: directory) { state.withLock { $0.names = names } }
        return true
    }

    private static func names(in directory: FileDescriptor) -> Set<Int>? {
        var names: Set<Int> = []
        guard (try? directory.forEachName { names.insert(fingerprint(of: $0)) }) != nil else { return nil }
        return names
    }

    private static func fingerprint(of name: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: name)
        return hasher.finalize()
    }
}

/// Makes the names in a directory durable, with one `fsync` for all callers that wait at the moment it begins.
private actor DirectorySync {
    private enum Turn {
        case done(Result<Void, any Error>)
        /// This caller makes the next `fsync`, for all that wait now.
        case lead
    }

    private let directory: FileDescriptor
    private let pool: NIOThreadPool
    private var isRunning = false
    private var waiting: [CheckedContinuation<Turn, Never>] = []

    init(_ directory: FileDescriptor, pool: NIOThreadPool) {
        self.directory = directory
        self.pool = pool
    }

    /// Returns when every name given before the call is on the disk.
    ///
    /// - Throws: `Errno`.
    func sync() async throws {
        if isRunning, case .done(let result) = await withCheckedContinuation({ waiting.append($0) }) {
            return try result.get()
        }
        isRunning = true
        let followers = waiting
        waiting = []
        let (pool, directory) = (pool, directory)
        // A separate task: a leader that is cancelled must not fail those that follow.
        let result = await Task { try await pool.runIfActive { try directory.sync() } }.result
        for follower in followers { follower.resume(returning: .done(result)) }
        if waiting.isEmpty { isRunning = false } else { waiting.removeFirst().resume(returning: .lead) }
        try result.get()
    }
}
