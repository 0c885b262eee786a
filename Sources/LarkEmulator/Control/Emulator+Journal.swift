import Synchronization

extension Emulator {
    /// All requests so far in order of arrival, save those to the emulator's own addresses.
    public var journal: [JournalEntry] {
        world.withLock { $0.journal.entries }
    }

    /// How many requests have reached one API, whatever they were answered.
    public func count(of api: PlatformAPI) -> Int {
        world.withLock { world in world.journal.entries.count { $0.api == api } }
    }

    /// Forgets the requests so far. Sequence numbers go on.
    public func clearJournal() {
        world.withLock { $0.journal.entries = [] }
    }
}
