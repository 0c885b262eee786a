import Glibc
import NIOPosix
import PosixFiles
import SystemPackage

/// A directory and the directories below it that files go to.
///
/// Directories below are created as they are needed, and entered one by one without following links, so that no name
/// leads out of the root. Some are kept open for the next files.
actor OutputDirectory {
    private struct Subdirectory {
        let directory: OpenDirectory
        var users: Int
        /// The number of the last use, to close the least recently used.
        var lastUse: Int
    }

    private let root: OpenDirectory
    /// By the bytes of the path below the root: to `String`, names that differ only in Unicode normal form are equal.
    private var open: [[UInt8]: Subdirectory] = [:]
    private var uses = 0
    private static let maximumOpen = 64

    private init(root: OpenDirectory) {
        self.root = root
    }

    /// Opens a directory, passes it to a body, and closes it and all below.
    ///
    /// - Parameters:
    ///   - path: must exist; empty for the current directory.
    ///   - threads: how many blocking calls may overlap.
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    static func with<Result>(
        root path: FilePath, threads: Int = 1, _ body: (OutputDirectory) async throws -> Result
    ) async throws -> Result {
        let pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
        do {
            let result = try await with(root: path.isEmpty ? "." : path, pool: pool, body)
            try? await pool.shutdownGracefully()
            return result
        } catch {
            try? await pool.shutdownGracefully()
            throw error
        }
    }

    private static func with<Result>(
        root path: FilePath, pool: NIOThreadPool, _ body: (OutputDirectory) async throws -> Result
    ) async throws -> Result {
        let output: OutputDirectory
        do {
            let descriptor = try await pool.runIfActive { try FileDescriptor.openDirectory(path) }
            output = OutputDirectory(root: OpenDirectory(descriptor, path: path, pool: pool))
        } catch let error as Errno {
            throw ImageFetchError.creating(at: path, error)
        }
        do {
            let result = try await body(output)
            await output.close()
            return result
        } catch {
            await output.close()
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
        if names.isEmpty { return try await body(root) }
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

    /// Returns the first of some names that exists, or nil if none does.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate` when the directory cannot be examined.
    nonisolated func firstExisting(_ fileNames: [String], in names: [String]) async throws -> ExistingEntry? {
        let directory: OpenDirectory
        do {
            directory = try await enter(names, createsMissing: false)
        } catch let error as ImageFetchError where error.underlying as? Errno == .noSuchFileOrDirectory {
            return nil
        }
        do {
            let found = try await directory.run { () throws -> ExistingEntry? in
                for name in fileNames {
                    guard let status = try directory.status(of: name) else { continue }
                    return ExistingEntry(path: directory.pathForUser(of: name), status: status)
                }
                return nil
            }
            await leave(names)
            return found
        } catch {
            await leave(names)
            throw error
        }
    }

    private func enter(_ names: [String], createsMissing: Bool) async throws -> OpenDirectory {
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
        open[Self.key(names)]?.users -= 1
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
                throw ImageFetchError.creating(at: parent.pathForUser(of: name), error)
            }
        }
        return directory
    }

    private static func open(
        _ name: String, in parent: FileDescriptor, createsMissing: Bool
    ) throws(Errno) -> FileDescriptor {
        if createsMissing, mkdirat(parent.rawValue, name, 0o777) == 0 {
            try parent.sync()
        } else if createsMissing, errno != EEXIST {
            throw Errno(rawValue: errno)
        }
        let number = openat(parent.rawValue, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard number >= 0 else { throw Errno(rawValue: errno) }
        return FileDescriptor(rawValue: number)
    }

    private func close() {
        for known in open.values { known.directory.close() }
        open = [:]
        root.close()
    }
}
