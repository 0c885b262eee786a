import FoundationEssentials
import Synchronization

/// Keeps values that depend on a key and on the second of the clock until that second is over, for texts that many
/// requests need and that are slow to write.
final class SecondCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Contents {
        var second = -Double.infinity
        var values: [Key: Value] = [:]
    }

    private let contents = Mutex(Contents())

    /// Returns the value for a key at an instant.
    ///
    /// - Parameter make: creates the value, from the instant to the second.
    /// - Throws: what creating it throws.
    func value(for key: Key, at now: Date, make: (Date) throws -> Value) rethrows -> Value {
        let second = now.timeIntervalSinceReferenceDate.rounded(.down)
        let known = contents.withLock { $0.second == second ? $0.values[key] : nil }
        if let known { return known }
        let value = try make(Date(timeIntervalSinceReferenceDate: second))
        contents.withLock { contents in
            if contents.second != second { contents = Contents(second: second) }
            contents.values[key] = value
        }
        return value
    }
}
