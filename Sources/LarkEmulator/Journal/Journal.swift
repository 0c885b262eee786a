/// The requests so far.
struct Journal: Sendable {
    var entries: [JournalEntry] = []
    private var lastSequence = 0

    mutating func nextSequence() -> Int {
        lastSequence += 1
        return lastSequence
    }

    /// Writes down what a request was answered. Nothing happens where the journal was cleared meanwhile.
    mutating func complete(_ sequence: Int, status: Int?, code: Int?) {
        // Entries are in order and without gaps, so the distance to the first is the place.
        guard let first = entries.first?.sequence, entries.indices.contains(sequence - first) else { return }
        entries[sequence - first].status = status
        entries[sequence - first].code = code
    }
}
