import FoundationEssentials
import LarkAPI
import Synchronization

/// The pauses of quotas that clients reported, each after a response of the platform that the service did not see.
///
/// A report pauses the requests of its sender. That of a second client or user confirms it, for all.
final class PauseReports: Sendable {
    private let timing: Clocks
    private let ends = Mutex<[QuotaKey: [Principal.Identity: Date]]>([:])

    init(timing: Clocks) {
        self.timing = timing
    }

    /// Records a pause.
    ///
    /// - Returns: whether another client or user reports one of the same quota, which is not over yet.
    func record(_ duration: Duration, of key: QuotaKey, by sender: Principal.Identity) -> Bool {
        let now = timing.now()
        return ends.withLock { ends in
            var running = (ends[key] ?? [:]).filter { $0.value > now }
            let isConfirmed = running.keys.contains { $0 != sender }
            running[sender] = now.addingTimeInterval(duration / .seconds(1))
            ends[key] = running
            return isConfirmed
        }
    }

    /// Returns how long the pause of a client or user still lasts, in milliseconds; nil for none.
    func remaining(of key: QuotaKey, for sender: Principal.Identity) -> Int64? {
        guard let end = ends.withLock({ $0[key]?[sender] }) else { return nil }
        let left = end.milliseconds - timing.now().milliseconds
        return left > 0 ? min(left, SlidingWindow.longestPause) : nil
    }
}
