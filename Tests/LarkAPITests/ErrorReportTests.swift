import FoundationEssentials
import LarkAPI
import Testing

@Suite("Errors as scripts read them")
struct ErrorReportTests {
    private func json(_ report: ErrorReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }

    @Test("What does not apply is absent, not null")
    func absent() throws {
        let bare = LarkError(.unreachable, "no network", remedy: "wait", isRetryable: true)
        #expect(
            try json(ErrorReport(bare, remedy: "wait for it"))
                == #"{"message":"no network","remedy":"wait for it","retryable":true,"type":"unreachable"}"#)
        #expect(
            try json(ErrorReport(type: "usage", message: "no key", remedy: nil, retryable: false))
                == #"{"message":"no key","retryable":false,"type":"usage"}"#)
    }

    @Test("The platform's own words come before ours; a wait is in whole seconds")
    func platformsWords() throws {
        let error = LarkError(
            .tryLater, "too many requests", remedy: "r", httpStatus: 429, platformCode: 99_991_400,
            platformMessage: "request trigger frequency limit", logID: "2026L", retryAfter: .milliseconds(7900))
        #expect(
            try json(ErrorReport(error, remedy: "r"))
                == #"{"code":99991400,"http_status":429,"log_id":"2026L","message":"request trigger frequency limit","remedy":"r","retry_after":7,"retryable":false,"type":"try_later"}"#
        )
    }

    @Test("Every kind of error has a name of its own, in the form of the others", arguments: LarkError.Kind.allCases)
    func names(_ kind: LarkError.Kind) {
        #expect(kind.rawValue.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F })
    }
}
