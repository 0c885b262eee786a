import Database
import LarkAPI
import Logging
import Synchronization

/// A row of a database server that one process of all hosts holds for a time, on the server's clock.
///
/// The holder extends the lease while it works. One that dies keeps others waiting for 15 s at most.
final class LeaseLock: StoreLock {
    /// How long a lease lasts, in milliseconds.
    private static let duration: Int64 = 15_000
    private static let extensionInterval = Duration.seconds(5)

    private let name: String
    private let database: any SQLDatabase
    private let store: String
    private let holder = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
    /// Extends the lease, while this lock has it.
    private let extending = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter store: the store's name, for errors.
    init(_ name: String, in database: any SQLDatabase, store: String) {
        self.name = name
        self.database = database
        self.store = store
    }

    /// Each look is a statement, so waiters look less often than at a lock file.
    var pauses: ClosedRange<Int> { 100...300 }

    func tryAcquire() async throws -> Bool {
        guard try await extend(onlyIfHeld: false) else { return false }
        let task = Task {
            // Real time, since the lease ends by the server's clock.
            while (try? await Task.sleep(for: Self.extensionInterval)) != nil {
                do {
                    guard try await extend(onlyIfHeld: true) else { return }
                } catch {
                    // The lease may end before the work does, which costs a request.
                    Logger.current.debug("a lease cannot be extended", metadata: ["error": "\(error)"])
                }
            }
        }
        extending.withLock { $0 = task }
        return true
    }

    func isFree() async throws -> Bool {
        try await StoreError.translating(store) {
            try await database.read { connection in
                let now = try connection.sharedClock() ?? 0
                let end: Int64? = try connection.row("SELECT lease_until FROM lease WHERE name = ?", [self.name])
                    .map { try $0["lease_until"] }
                return end.map { $0 <= now } ?? true
            }
        }
    }

    func release() async {
        guard let task = extending.withLock({ $0.take() }) else { return }
        task.cancel()
        do {
            try await database.write(rowsOf: name) { connection in
                try connection.execute(
                    "DELETE FROM lease WHERE name = ? AND holder = ?", [self.name, self.holder])
            }
        } catch {
            Logger.current.debug("a lease ends by itself", metadata: ["error": "\(error)"])
        }
    }

    /// Takes or extends the lease in one statement.
    ///
    /// - Returns: whether this lock has it.
    private func extend(onlyIfHeld: Bool) async throws -> Bool {
        try await StoreError.translating(store) {
            try await database.write(rowsOf: name) { connection in
                let now = try connection.sharedClock() ?? 0
                let end = now + Self.duration
                if onlyIfHeld {
                    let sql = "UPDATE lease SET lease_until = ? WHERE name = ? AND holder = ?"
                    return try connection.execute(sql, [end, self.name, self.holder]) == 1
                }
                let sql = """
                    INSERT INTO lease (name, holder, lease_until) VALUES (?, ?, ?)
                    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
                    WHERE lease.lease_until <= ? OR lease.holder = excluded.holder RETURNING holder
                    """
                return try connection.row(sql, [self.name, self.holder, end, now]) != nil
            }
        }
    }
}
