import Database
import FoundationEssentials

// Stored values are checked when they are read: a damaged row is an error, never an instant or a count that overflows.

extension SQLRow {
    /// A count that grows by one at a time, such as a generation.
    ///
    /// - Throws: `DatabaseError` `invalidColumn`.
    func count(_ column: String) throws -> Int64 {
        try checked(column, in: 0...1 << 53)
    }

    /// An instant, stored in whole Unix seconds.
    ///
    /// - Throws: `DatabaseError` `invalidColumn` also for one after the year 9999.
    func instant(_ column: String) throws -> Date {
        Date(seconds: try checked(column, in: Date.storedSeconds))
    }

    /// An instant that may be NULL.
    ///
    /// - Throws: `DatabaseError` `invalidColumn`.
    func optionalInstant(_ column: String) throws -> Date? {
        try self[column] as Int64? == nil ? nil : instant(column)
    }

    /// An instant, stored in whole Unix microseconds.
    ///
    /// - Throws: `DatabaseError` `invalidColumn` also for one after the year 9999.
    func microseconds(_ column: String) throws -> Int64 {
        try checked(column, in: 0...Date.storedSeconds.upperBound * 1_000_000 + 999_999)
    }

    private func checked(_ column: String, in range: ClosedRange<Int64>) throws -> Int64 {
        let number: Int64 = try self[column]
        guard range.contains(number) else {
            throw DatabaseError(.invalidColumn, "column \(column) contains a number that is out of range")
        }
        return number
    }
}

extension Date {
    /// To the end of the year 9999.
    static let storedSeconds: ClosedRange<Int64> = 0...253_402_300_799

    /// Whether an instant lies at most so many seconds in the past. One in the future was stored by a clock that was
    /// turned back since, and does not count.
    func isWithin(_ seconds: Double, before now: Date) -> Bool {
        (0..<seconds).contains(now.timeIntervalSince(self))
    }

    /// The store's instants are whole Unix seconds.
    init(seconds: Int64) { self.init(timeIntervalSince1970: Double(seconds)) }

    /// The store's instants of events: whole Unix microseconds.
    init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1e6) }

    var seconds: Int64 { Int64(clamping: timeIntervalSince1970.rounded(.down), to: Self.storedSeconds) }

    var microseconds: Int64 {
        Int64(
            clamping: (timeIntervalSince1970 * 1e6).rounded(.down),
            to: 0...Self.storedSeconds.upperBound * 1_000_000 + 999_999)
    }
}

extension Int64 {
    /// The nearest number of a range; its lower bound for one that is not a number.
    fileprivate init(clamping number: Double, to range: ClosedRange<Int64>) {
        guard number > Double(range.lowerBound) else {
            self = range.lowerBound
            return
        }
        self = number < Double(range.upperBound) ? Int64(number) : range.upperBound
    }
}
