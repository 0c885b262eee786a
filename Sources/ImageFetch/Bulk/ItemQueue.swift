/// An item that waits for its turn.
struct QueuedItem: Sendable {
    let position: SourcePosition
    let content: ContentID?
}

/// Items, first in, first out, in pieces, so that a growing queue is not copied.
struct ItemQueue {
    private static let pieceSize = 512

    private var pieces: [[QueuedItem]] = []
    /// How many items of the first piece are gone.
    private var consumed = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ item: QueuedItem) {
        if let last = pieces.indices.last, pieces[last].count < Self.pieceSize {
            pieces[last].append(item)
        } else {
            pieces.append([item])
        }
        count += 1
    }

    mutating func popFirst() -> QueuedItem? {
        guard let piece = pieces.first else { return nil }
        let item = piece[consumed]
        consumed += 1
        count -= 1
        if consumed == piece.count {
            pieces.removeFirst()
            consumed = 0
        }
        return item
    }
}
