package import FoundationEssentials

/// Values that are kept for a limited time.
///
/// The time is an argument, so that tests control it. A cache that tasks share is guarded by its owner.
package struct ExpiringCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let cachedAt: Date
        let expiresAt: Date
    }

    private var entries: [Key: Entry] = [:]

    package init() {}

    /// Returns a value that has not expired.
    ///
    /// A clock that was turned back behind the time of caching counts as expired: the age of the value is unknown.
    package func value(for key: Key, at now: Date) -> Value? {
        guard let entry = entries[key], entry.cachedAt <= now, now < entry.expiresAt else { return nil }
        return entry.value
    }

    /// Returns the value cached last, expired or not.
    package func lastValue(for key: Key) -> Value? { entries[key]?.value }

    /// Caches a value in place of the one before.
    package mutating func insert(_ value: Value, for key: Key, at now: Date, timeToLive: Duration) {
        let parts = timeToLive.components
        let seconds = Double(parts.seconds) + Double(parts.attoseconds) / 1e18
        entries[key] = Entry(value: value, cachedAt: now, expiresAt: now.addingTimeInterval(seconds))
    }

    /// Removes a value, if there is one.
    package mutating func removeValue(for key: Key) {
        entries[key] = nil
    }

    /// Removes all values.
    package mutating func removeAll() {
        entries = [:]
    }
}
