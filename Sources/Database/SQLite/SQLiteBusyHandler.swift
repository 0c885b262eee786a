import CSQLite
import Glibc

/// Waits while other connections hold a lock.
final class SQLiteBusyHandler {
    private var wait: BusyWait

    init(timeout: Duration) {
        wait = BusyWait(timeout: timeout)
    }

    /// Makes SQLite ask this handler, which must live as long as the connection.
    func install(on connection: OpaquePointer) {
        let callback: @convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32 = { context, attempt in
            guard let context else { return 0 }
            let handler = Unmanaged<SQLiteBusyHandler>.fromOpaque(context).takeUnretainedValue()
            return handler.waits(attempt: Int(attempt)) ? 1 : 0
        }
        sqlite3_busy_handler(connection, callback, Unmanaged.passUnretained(self).toOpaque())
    }

    private func waits(attempt: Int) -> Bool {
        // The thread is the connection's own and the task's at once, so it may sleep and knows whether it is cancelled.
        guard !Task.isCancelled,
            let pause = wait.pause(before: attempt, now: .now, random: .random(in: 0...1))
        else { return false }
        usleep(UInt32(clamping: pause.components.attoseconds / 1_000_000_000_000))
        return true
    }
}

/// How long to wait before each attempt to get a lock.
struct BusyWait {
    /// Drawn from a range: processes that met once would meet again after the same pause.
    static let pauses = (shortest: Duration.milliseconds(5), longest: Duration.milliseconds(25))

    private let timeout: Duration
    private var start: ContinuousClock.Instant?

    init(timeout: Duration) {
        self.timeout = timeout
    }

    /// The pause before the next attempt; nil once the timeout is over.
    ///
    /// - Parameters:
    ///   - attempt: 0 for the first of each lock.
    ///   - now: by a monotonic clock.
    ///   - random: from 0 to 1.
    mutating func pause(before attempt: Int, now: ContinuousClock.Instant, random: Double) -> Duration? {
        let start = attempt == 0 ? now : self.start ?? now
        self.start = start
        guard start.duration(to: now) < timeout else { return nil }
        return Self.pauses.shortest + (Self.pauses.longest - Self.pauses.shortest) * random
    }
}
