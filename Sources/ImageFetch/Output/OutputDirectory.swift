import NIOPosix
import PosixFiles
import SystemPackage

/// A directory and the directories below it that files go to.
///
/// Missing directories are created for the first file in them, the root too. Those below the root are entered one by
/// one without following links, so that no name leads out of it. Some are kept open for the next files.
actor OutputDirectory {
    private struct Subdirectory {
        let directory: OpenDirectory
        var users: Int
        /// The number of the last use, to close the least recently used.
        var lastUse: Int
    }

    /// The root, or the nearest directory above it that exists.
    private let root: OpenDirectory
    /// The missing directories on the way from there to the root.
    private let missing: [String]
    /// By the bytes of the path below the root: to `String`, names that differ only in Unicode normal form are equal.
    private var open: [[UInt8]: Subdirectory] = [:]
    private var uses = 0
    private static let maximumOpen = 64

    private init(root: OpenDirectory, missing: [String]) {
        self.root = root
        self.missing = missing
    }

    /// Opens a directory, passes it to a body, and closes it and all below.
    ///
    /// - Parameters:
    ///   - path: of the root; empty for the current directory.
    ///   - createsMissing: whether a root that does not exist is created for the first file.
    ///   - threads: how many blocking calls may overlap.
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    static func with<Result>(
        root path: FilePath, createsMissing: Bool = true, threads: Int = 1,
        _ body: (OutputDirectory) async throws -> Result
    ) async throws -> Result {
        let pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
        do {
            let output = try await open(path.isEmpty ? "." : path, createsMissing: createsMissing, pool: pool)
            let result = try await output.closing(body)
            try? await pool.shutdownGracefully()
            return result
        } catch {
            try? await pool.shutdownGracefully()
            throw error
        }
    }

    private static func open(
        _ path: FilePath, createsMissing: Bool, pool: NIOThreadPool
    ) async throws -> OutputDirectory {
        do {
            return try await pool.runIfActive {
                var path = path
                var missing: [String] = []
                while true {
                    do {
                        let root = OpenDirectory(try .openDirectory(path), path: path, pool: pool)
                        return OutputDirectory(root: root, missing: missing)
                    } catch Errno.noSuchFileOrDirectory where createsMissing && path != "." {
                        missing.insert(path.lastComponent?.string ?? ".", at: 0)
                        path.removeLastComponent()
                        if path.isEmpty { path = "." }
                    }
                }
            }
        } catch let error as Errno {
            throw ImageFetchError.creating(at: path, error)
        }
    }

    private nonisolated func closing<Result>(
        _ body: (OutputDirectory) async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await body(self)
            await close()
            return result
        } catch {
            await close()
            throw error
        }
    }

    /// Passes a directory below the root to a body.
    ///
    /// - Parameter names: the way from the root; a directory that is missing is created.
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    nonisolated func withDirectory<Result>(
        _ names: [String], _ body: (OpenDirectory) async throws -> Result
    ) async throws -> Result {
        let directory = try await enter(names, createsMissing: true)
        do {
            let result = try await body(directory)
            await leave(names)
            return result
        } catch {
            await leave(names)
            throw error
        }
    }

    /// Runs blocking calls on one of the directory's threads.
    ///
    /// - Throws: what the body throws; `CancellationError` when the task is cancelled before a thread is free.
    nonisolated func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await root.run(body)
    }

    /// Returns the first of some names that exists, or nil if none does.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate` when the directory cannot be examined; `CancellationError`.
    nonisolated func firstExisting(_ lookup: DownloadTarget.Lookup) async throws -> ExistingEntry? {
        try await firstExisting(in: lookup.directories, [lookup.fileNames], usesListing: false)[0].get()
    }

    /// Returns, for each of many lookups, the first name that exists, or nil if none does. Listed directories are not
    /// examined again, so a file that another process has just created may be missed.
    ///
    /// - Throws: `CancellationError`.
    nonisolated func firstExisting(
        _ lookups: [DownloadTarget.Lookup?]
    ) async throws -> [Result<ExistingEntry?, ImageFetchError>] {
        var results = [Result<ExistingEntry?, ImageFetchError>](repeating: .success(nil), count: lookups.count)
        let groups = Dictionary(grouping: lookups.indices.filter { lookups[$0] != nil }) { index in
            Self.key(lookups[index]?.directories ?? [])
        }
        for indices in groups.values {
            guard let directories = lookups[indices[0]]?.directories else { continue }
            let names = indices.map { lookups[$0]?.fileNames ?? [] }
            do {
                let found = try await firstExisting(in: directories, names, usesListing: true)
                for (index, result) in zip(indices, found) { results[index] = result }
            } catch let error as ImageFetchError {
                for index in indices { results[index] = .failure(error) }
            }
        }
        return results
    }

    private nonisolated func firstExisting(
        in names: [String], _ lookups: [[String]], usesListing: Bool
    ) async throws -> [Result<ExistingEntry?, ImageFetchError>] {
        let directory: OpenDirectory
        do {
            directory = try await enter(names, createsMissing: false)
        } catch let error as ImageFetchError where error.underlying as? Errno == .noSuchFileOrDirectory {
            return lookups.map { _ in .success(nil) }
        }
        do {
            let found = try await directory.run {
                lookups.map { fileNames -> Result<ExistingEntry?, ImageFetchError> in
                    do throws(ImageFetchError) {
                        return .success(try directory.firstExisting(fileNames, usesListing: usesListing))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            await leave(names)
            return found
        } catch {
            await leave(names)
            throw error
        }
    }

    private func enter(_ names: [String], createsMissing: Bool) async throws -> OpenDirectory {
        let names = missing + names
        if names.isEmpty { return root }
        if let known = enterOpen(names) { return known }
        let root = root
        let directory = try await root.run { try Self.open(names, below: root, createsMissing: createsMissing) }
        if let known = enterOpen(names) {
            // Another task was faster.
            directory.close()
            return known
        }
        keep(directory, at: names, users: 1)
        return directory
    }

    private func enterOpen(_ names: [String]) -> OpenDirectory? {
        guard let known = open[Self.key(names)] else { return nil }
        keep(known.directory, at: names, users: known.users + 1)
        return known.directory
    }

    private func leave(_ names: [String]) {
        open[Self.key(missing + names)]?.users -= 1
    }

    private func keep(_ directory: OpenDirectory, at names: [String], users: Int) {
        uses += 1
        open[Self.key(names)] = Subdirectory(directory: directory, users: users, lastUse: uses)
        guard open.count > Self.maximumOpen else { return }
        let idle = open.filter { $0.value.users == 0 }
        guard let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        open[oldest.key] = nil
        oldest.value.directory.close()
    }

    private static func key(_ names: [String]) -> [UInt8] { Array(names.joined(separator: "/").utf8) }

    private static func open(
        _ names: [String], below root: OpenDirectory, createsMissing: Bool
    ) throws -> OpenDirectory {
        var directory = root
        for name in names {
            let parent = directory
            defer { if parent.descriptor != root.descriptor { parent.close() } }
            do throws(Errno) {
                directory = parent.subdirectory(
                    try open(name, in: parent.descriptor, createsMissing: createsMissing), name: name)
            } catch {
                throw ImageFetchError.creating(at: parent.path(of: name), error)
            }
        }
        return directory
    }

    private static func open(
        _ name: String, in parent: FileDescriptor, createsMissing: Bool
    ) throws(Errno) -> FileDescriptor {
        if createsMissing, try parent.createSubdirectory(name, permissions: FilePermissions(rawValue: 0o777)) {
            try parent.sync()
        }
        return try parent.openSubdirectory(name)
    }

    private func close() {
        for known in open.values { known.directory.close() }
        open = [:]
        root.close()
    }
}
