import Synchronization

/// How many requests were sent for one download, known also when its time runs out.
final class Attempts: Sendable {
    private let number = Mutex(0)

    var count: Int { number.withLock { $0 } }

    func add() { number.withLock { $0 += 1 } }
}
