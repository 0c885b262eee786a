import Glibc
import NIOPosix
import SystemPackage

/// A folder and the folders below it that files go to.
///
/// Folders below are made as they are needed, and entered one by one without following links, so that no name leads
/// out of the tree. Some are kept open for those who come next.
actor OutputDirectory {
    private struct Branch {
        let folder: OpenDirectory
        var users: Int
        /// Of the last visit, by count.
        var visit: Int
    }

    private let root: OpenDirectory
    private var branches: [[String]: Branch] = [:]
    private var visits = 0
    private static let mostOpen = 64

    private init(root: OpenDirectory) {
        self.root = root
    }

    /// Opens a folder, gives its tree to a body, and closes all of it.
    ///
    /// - Parameters:
    ///   - path: must be there; empty for the current folder.
    ///   - threads: how many waits for the disk may overlap.
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    static func with<Result>(
        root path: FilePath, threads: Int = 1, _ body: (OutputDirectory) async throws -> Result
    ) async throws -> Result {
        let path = path.isEmpty ? FilePath(".") : path
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
        } catch let error as Errno {
            throw ImageFetchError.creating(at: path, error)
        }
        let pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
        let tree = OutputDirectory(root: OpenDirectory(descriptor, path: path, pool: pool))
        do {
            let result = try await body(tree)
            await tree.close()
            return result
        } catch {
            await tree.close()
            throw error
        }
    }

    /// Gives a folder of the tree to a body.
    ///
    /// - Parameter names: the way from the root; a folder that is missing is made.
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    nonisolated func inFolder<Result>(
        _ names: [String], _ body: (OpenDirectory) async throws -> Result
    ) async throws -> Result {
        if names.isEmpty { return try await body(root) }
        let folder = try await enter(names)
        do {
            let result = try await body(folder)
            await leave(names)
            return result
        } catch {
            await leave(names)
            throw error
        }
    }

    /// The first of some names that is taken, and what has it; nil when none is.
    ///
    /// - Throws: ``ImageFetchError`` `cannotCreate` when the folder cannot be looked into.
    func taken(_ fileNames: [String], in names: [String]) throws -> (path: FilePath, status: ExistingEntry)? {
        guard let folder = try existing(names) else { return nil }
        for name in fileNames {
            let status = try ExistingEntry.status(of: name, in: folder)
            if case .nothing = status { continue }
            return (folder.shown(name), status)
        }
        return nil
    }

    private func existing(_ names: [String]) throws -> OpenDirectory? {
        if names.isEmpty { return root }
        if let branch = branches[names] { return branch.folder }
        do {
            let folder = try Self.open(names, below: root, makesMissing: false)
            keep(folder, at: names, users: 0)
            return folder
        } catch let error as ImageFetchError where error.underlying as? Errno == .noSuchFileOrDirectory {
            return nil
        }
    }

    private func enter(_ names: [String]) async throws -> OpenDirectory {
        if let known = enterKnown(names) { return known }
        // A new folder is synced, which takes a while.
        let root = root
        let folder = try await root.pool.runIfActive { try Self.open(names, below: root, makesMissing: true) }
        if let known = enterKnown(names) {
            folder.close()
            return known
        }
        keep(folder, at: names, users: 1)
        return folder
    }

    private func enterKnown(_ names: [String]) -> OpenDirectory? {
        guard let branch = branches[names] else { return nil }
        keep(branch.folder, at: names, users: branch.users + 1)
        return branch.folder
    }

    private func leave(_ names: [String]) {
        branches[names]?.users -= 1
    }

    private func keep(_ folder: OpenDirectory, at names: [String], users: Int) {
        visits += 1
        branches[names] = Branch(folder: folder, users: users, visit: visits)
        guard branches.count > Self.mostOpen else { return }
        let idle = branches.filter { $0.value.users == 0 && $0.key != names }
        guard let oldest = idle.min(by: { $0.value.visit < $1.value.visit }) else { return }
        branches[oldest.key] = nil
        oldest.value.folder.close()
    }

    private static func open(
        _ names: [String], below root: OpenDirectory, makesMissing: Bool
    ) throws -> OpenDirectory {
        var folder = root
        for name in names {
            let above = folder
            let path = above.shown(name)
            defer { if above.descriptor != root.descriptor { above.close() } }
            do {
                if makesMissing, mkdirat(above.descriptor.rawValue, name, 0o777) == 0 {
                    try above.descriptor.sync()
                } else if makesMissing, errno != EEXIST {
                    throw Errno(rawValue: errno)
                }
                let number = openat(
                    above.descriptor.rawValue, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                guard number >= 0 else { throw Errno(rawValue: errno) }
                folder = OpenDirectory(FileDescriptor(rawValue: number), path: path, pool: root.pool)
            } catch let error as Errno {
                throw ImageFetchError.creating(at: path, error)
            }
        }
        return folder
    }

    private func close() async {
        for branch in branches.values { branch.folder.close() }
        branches = [:]
        root.close()
        // The threads are idle: whoever used them is done.
        try? await root.pool.shutdownGracefully()
    }
}

extension OpenDirectory {
    fileprivate func close() {
        // What had to last was synced; a descriptor of a folder has nothing to lose.
        try? descriptor.close()
    }
}
