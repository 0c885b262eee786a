import Synchronization

extension Emulator {
    /// All requests so far in order of arrival, except those to the emulator's own addresses.
    public var journal: [JournalEntry] {
        platform.withLock { $0.journal.entries }
    }

    /// How many requests one API has received, whatever the response.
    public func count(of api: PlatformAPI) -> Int {
        platform.withLock { platform in platform.journal.entries.count { $0.api == api } }
    }

    /// Clears the journal. Sequence numbers continue.
    public func clearJournal() {
        platform.withLock { $0.journal.entries = [] }
    }
}
