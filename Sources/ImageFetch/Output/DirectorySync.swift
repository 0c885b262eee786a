import Glibc
import NIOPosix
import SystemPackage

/// Makes the names in a folder durable: one `fsync` for all who wait for it at the moment it begins.
actor DirectorySync {
    private enum Turn {
        case done(Result<Void, any Error>)
        /// The `fsync` for all who wait now is this one's to make.
        case lead
    }

    private let folder: FileDescriptor
    private let pool: NIOThreadPool
    private var isRunning = false
    private var waiting: [CheckedContinuation<Turn, Never>] = []

    init(_ folder: FileDescriptor, pool: NIOThreadPool) {
        self.folder = folder
        self.pool = pool
    }

    /// Comes back when every name given before the call is on the disk.
    ///
    /// - Throws: `Errno`.
    func sync() async throws {
        if isRunning, case .done(let result) = await withCheckedContinuation({ waiting.append($0) }) {
            return try result.get()
        }
        isRunning = true
        let followers = waiting
        waiting = []
        let (pool, folder) = (pool, folder)
        // A task of its own: a leader who is cancelled must not fail those who follow.
        let result = await Task { try await pool.runIfActive { try folder.sync() } }.result
        for follower in followers { follower.resume(returning: .done(result)) }
        if waiting.isEmpty { isRunning = false } else { waiting.removeFirst().resume(returning: .lead) }
        try result.get()
    }
}

extension FileDescriptor {
    /// Waits until everything written is on the disk.
    ///
    /// - Throws: `Errno`.
    func sync() throws(Errno) {
        guard fsync(rawValue) == 0 else { throw Errno(rawValue: errno) }
    }
}
