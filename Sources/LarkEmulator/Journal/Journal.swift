/// The requests so far.
struct Journal: Sendable {
    var entries: [JournalEntry] = []
    private var lastSequence = 0

    mutating func nextSequence() -> Int {
        lastSequence += 1
        return lastSequence
    }

    /// Records the response to a request. Does nothing if the journal was cleared in the meantime.
    mutating func complete(_ sequence: Int, status: Int?, code: Int?) {
        // Entries are in order and without gaps, so the distance to the first is the index.
        guard let first = entries.first?.sequence, entries.indices.contains(sequence - first) else { return }
        entries[sequence - first].status = status
        entries[sequence - first].code = code
    }
}
