import LarkAPI

/// Values that are read from the store on demand and cached for a second.
///
/// Requests for the same key share one read. A failed read is not cached.
actor ReadThroughCache<Key: Hashable & Sendable, Value: Sendable> {
    private static var timeToLive: Duration { .seconds(1) }
    /// With more keys than this, all are dropped: only a few are in use at a time.
    private static var capacity: Int { 256 }

    private let timing: Clocks
    private var values = ExpiringCache<Key, Value>()
    private var keys: Set<Key> = []
    private var reads: [Key: Task<Value, any Error>] = [:]

    init(timing: Clocks) {
        self.timing = timing
    }

    /// Returns the cached value, or the result of a read.
    ///
    /// - Parameter read: runs if there is no recent value and no read of the key is in flight. It belongs to none of
    ///   the requests that wait for it, and goes on if one is cancelled.
    /// - Throws: what the read throws.
    func value(for key: Key, read: @escaping @Sendable () async throws -> Value) async throws -> Value {
        // The age of a value counts from before it was read.
        let now = timing.now()
        if let value = values.value(for: key, at: now) { return value }
        if let read = reads[key] { return try await read.value }
        let task = Task { try await read() }
        reads[key] = task
        defer { reads[key] = nil }
        let value = try await task.value
        if keys.count >= Self.capacity {
            values.removeAll()
            keys = []
        }
        values.insert(value, for: key, at: now, timeToLive: Self.timeToLive)
        keys.insert(key)
        return value
    }
}
