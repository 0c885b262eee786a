/// The existing name that a user who mistyped one probably meant.
package enum NearestName {
    /// No name is longer, so that a long text costs no time.
    private static let longestName = 64

    /// Returns the name with the fewest typing errors, or nil if none is similar: one error in up to four characters, two
    /// in up to eight, three in more. Upper and lower case do not count.
    ///
    /// - Parameters:
    ///   - word: the name as the user typed it.
    ///   - names: the names that exist and that the user may see.
    package static func of(_ word: String, in names: some Sequence<String>) -> String? {
        let typed = Array(word.lowercased().unicodeScalars)
        guard (1...longestName).contains(typed.count) else { return nil }
        let limit = typed.count <= 4 ? 1 : typed.count <= 8 ? 2 : 3
        var nearest: (name: String, distance: Int)?
        for name in names {
            let candidate = Array(name.lowercased().unicodeScalars)
            guard abs(candidate.count - typed.count) <= limit else { continue }
            let distance = distance(typed, candidate)
            // A short name must share at least one character.
            guard distance <= limit, distance < max(typed.count, candidate.count) else { continue }
            if distance < nearest?.distance ?? .max { nearest = (name, distance) }
        }
        return nearest?.name
    }

    /// The number of characters to insert, remove, replace or swap with their neighbour: the optimal string alignment
    /// distance.
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
                var best = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
