/// The values of `IN (…)`, which both engines take as separate arguments.
package struct SQLList: Sendable {
    /// One `?` for each argument. Their number is a power of two, so that few different statements are compiled.
    package let placeholders: String

    /// The values; the last one fills the rest.
    package let arguments: [any SQLConvertible]

    /// Creates a list; nil for one without values, which SQL does not allow.
    package init?(_ values: [String]) {
        guard let last = values.last else { return nil }
        var count = 1
        while count < values.count { count *= 2 }
        let filled = values + Array(repeating: last, count: count - values.count)
        placeholders = filled.map { _ in "?" }.joined(separator: ", ")
        arguments = filled
    }
}
