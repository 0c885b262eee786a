/// Where an item is in its source: its line, and its place in what the line holds.
///
/// A run keeps one for each item, so it is eight bytes: lines begin below 512 GiB, and a line of 64 MiB, with more than
/// four bytes for each item, holds fewer than 2^24.
struct SourcePosition: Hashable, Comparable, Sendable {
    private static let indexBits: Int64 = 24

    private let bits: Int64

    /// Creates the position of an item that a list holds.
    ///
    /// - Parameters:
    ///   - offset: of the line, in bytes; of a source without lines, the index.
    ///   - index: among what the line holds.
    init(offset: Int64, index: Int = 0) {
        bits = offset << Self.indexBits | Int64(index)
    }

    /// Creates the position of an item that a look-up found.
    ///
    /// - Parameter number: counted from 0 in order of discovery.
    init(found number: Int) {
        bits = -1 - Int64(number)
    }

    var offset: Int64 { bits >> Self.indexBits }
    var index: Int { Int(bits & (1 << Self.indexBits - 1)) }

    /// The number of an item that a look-up found; nil for one of the list.
    var found: Int? { bits < 0 ? Int(-1 - bits) : nil }

    static func < (left: SourcePosition, right: SourcePosition) -> Bool { left.bits < right.bits }
}
