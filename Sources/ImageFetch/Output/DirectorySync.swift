import NIOPosix
import PosixFiles
import SystemPackage

/// Makes the names in a directory durable, with one `fsync` for all callers that wait at the moment it begins.
actor DirectorySync {
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
