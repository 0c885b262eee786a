import FoundationEssentials
import LarkAPI
import Testing

@Suite("The platform's calendar months")
struct CalendarMonthTests {
    private func month(_ text: String) throws -> CalendarMonth {
        CalendarMonth(of: try Date(text, strategy: .iso8601))
    }

    @Test(
        "A month begins at midnight in UTC+8",
        arguments: [
            ("2026-01-31T15:59:59Z", 202_601), ("2026-01-31T16:00:00Z", 202_602), ("2025-12-31T16:00:00Z", 202_601),
            ("2028-02-29T12:00:00Z", 202_802),
        ])
    func number(_ text: String, _ number: Int64) throws {
        #expect(try month(text).number == number)
    }

    @Test("The next month is known by its first instant, also in the next year")
    func next() throws {
        #expect(try month("2026-01-15T00:00:00Z").next.start == "2026-02-01 00:00 (UTC+8)")
        #expect(try month("2026-12-15T00:00:00Z").next.start == "2027-01-01 00:00 (UTC+8)")
        #expect(try month("2026-12-15T00:00:00Z") < month("2026-12-15T00:00:00Z").next)
    }
}
