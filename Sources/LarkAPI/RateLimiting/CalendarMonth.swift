package import FoundationEssentials

/// A calendar month, for which the platform counts an app's calls.
///
/// The platform's documents name no time zone. Feishu is run from China and Lark from Singapore, so months begin at
/// midnight in UTC+8, for every host. Should the platform count otherwise, the calls of a few hours are in the wrong
/// month.
package struct CalendarMonth: Sendable, Hashable, Comparable {
    /// Hours by which the platform's clock is ahead of UTC.
    private static let offset = 8

    private let year: Int
    private let month: Int

    /// The month of an instant.
    package init(of instant: Date) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let local = instant.addingTimeInterval(Double(Self.offset) * 3600)
        year = calendar.component(.year, from: local)
        month = calendar.component(.month, from: local)
    }

    private init(year: Int, month: Int) {
        self.year = year
        self.month = month
    }

    /// Year and month as one number, such as 202601.
    package var number: Int64 { Int64(year) * 100 + Int64(month) }

    /// The month that follows.
    package var next: CalendarMonth {
        month == 12 ? CalendarMonth(year: year + 1, month: 1) : CalendarMonth(year: year, month: month + 1)
    }

    /// When it begins, for people: `2026-02-01 00:00 (UTC+8)`.
    package var start: String { "\(year)-\(month < 10 ? "0" : "")\(month)-01 00:00 (UTC+\(Self.offset))" }

    package static func < (one: CalendarMonth, other: CalendarMonth) -> Bool { one.number < other.number }
}
