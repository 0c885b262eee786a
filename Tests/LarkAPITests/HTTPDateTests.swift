import FoundationEssentials
import Testing

@testable import LarkAPI

@Suite("Dates of answers")
struct HTTPDateTests {
    @Test(
        "A date is read to the second",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Mon, 29 Feb 2016 23:59:59 GMT", 1_456_790_399),
        ])
    func dates(_ text: String, seconds: Double) throws {
        #expect(HTTPDate.date(text)?.timeIntervalSince1970 == seconds)
    }

    @Test(
        "What is no date counts as not there",
        arguments: [
            "", "now", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
            "Sun, 06 Nov 99999999999999999999 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 :: GMT",
        ])
    func nonsense(_ text: String) {
        #expect(HTTPDate.date(text) == nil)
    }
}
