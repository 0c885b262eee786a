import FoundationEssentials
import NIOHTTP1
import Testing

@testable import LarkAPI

@Suite("What an answer says")
struct LarkErrorTests {
    private func error(
        _ status: Int, _ body: String, _ headers: HTTPHeaders = [:], secrets: [Secret] = []
    ) -> LarkError? {
        LarkError(
            response: ResponseHead(status: status, headers: headers), body: Array(body.utf8), action: "img_x",
            secrets: secrets)
    }

    @Test("Every code stands in the table once, with a meaning and something to do")
    func table() {
        let table = LarkErrorCode.table
        #expect(Set(table.map(\.number)).count == table.count)
        for row in table {
            #expect(!row.meaning.isEmpty && !row.remedy.description.isEmpty, "\(row.number)")
        }
        #expect(LarkErrorCode.row(for: 0) == nil)
    }

    @Test(
        "The codes of the document \"Download image\" are of these kinds; only a full storage passes by itself",
        arguments: [
            (234001, LarkError.Kind.notFound), (234002, .refused), (234005, .notFound), (234007, .refused),
            (234008, .refused), (234041, .refused), (234042, .tryLater),
        ])
    func downloadCodes(_ code: Int, _ kind: LarkError.Kind) throws {
        let row = try #require(LarkErrorCode.row(for: code))
        #expect(row.kind == kind)
        #expect(row.isRetryable == (code == 234042))
    }

    @Test("The code in the body decides, whatever the status", arguments: [200, 400, 401, 500])
    func codeDecides(_ status: Int) {
        let found = error(status, #"{"code":99991663,"msg":"Invalid access token"}"#)
        #expect(found?.kind == .tokenRejected)
        #expect(found?.rejectsToken == true)
        #expect(found?.httpStatus == status)
    }

    @Test("A success is no error")
    func success() {
        #expect(error(200, #"{"code":0,"msg":"ok"}"#) == nil)
        #expect(error(200, "\u{89}PNG") == nil)
    }

    @Test("An unknown code passes through with message and log id")
    func unknownCode() {
        let found = error(400, #"{"code":424242,"msg":"new","error":{"log_id":"2026ABC"}}"#)
        #expect(found?.description == "the platform refused img_x (424242: new, log id 2026ABC)")
        #expect(found?.kind == .refused && found?.isRetryable == false)
    }

    @Test("The log id comes from the body, else from the header, else is absent; one with controls is none")
    func logIDs() {
        let body = #"{"code":234008,"msg":"m","error":{"log_id":"body"}}"#
        let bare = #"{"code":234008,"msg":"m","error":{"logid":"other"}}"#
        #expect(error(400, body, ["X-Tt-Logid": "header"])?.logID == "body")
        #expect(error(400, bare, ["x-tt-logid": "header"])?.logID == "header")
        #expect(error(400, bare)?.logID == nil)
        #expect(error(400, bare, ["X-Tt-Logid": "a\u{1B}[2J"])?.logID == nil)
        #expect(error(400, bare, ["X-Tt-Logid": String(repeating: "a", count: 129)])?.logID == nil)
    }

    @Test("A secret or token that the platform repeats is taken out, terminal commands are made visible")
    func echoes() {
        let found = error(
            400, #"{"code":10003,"msg":"bad secret s3cr3t for t-token\u001b[2J"}"#,
            secrets: [Secret("s3cr3t"), Secret("t-token")])
        #expect(found?.platformMessage == "bad secret ‹redacted› for ‹redacted›\\u{1b}[2J")
    }

    /// A status without the platform's JSON.
    struct Bare: Sendable, CustomTestStringConvertible {
        let status: Int
        let kind: LarkError.Kind
        let isRetryable: Bool
        var testDescription: String { "\(status)" }
    }

    @Test(
        "Without the platform's JSON, the status decides",
        arguments: [
            Bare(status: 302, kind: .badResponse, isRetryable: false),
            Bare(status: 401, kind: .refused, isRetryable: false),
            Bare(status: 404, kind: .badResponse, isRetryable: false),
            Bare(status: 429, kind: .tryLater, isRetryable: true),
            Bare(status: 500, kind: .unavailable, isRetryable: true),
            Bare(status: 503, kind: .unavailable, isRetryable: true),
        ])
    func bareStatus(_ bare: Bare) {
        for body in [
            "", "<html>", "404 page not found", #"{"code":"234008"}"#, #"{"code":0}"#,
            String(repeating: "[", count: 10_000),
        ] {
            let found = error(bare.status, body)
            #expect(found?.kind == bare.kind && found?.isRetryable == bare.isRetryable, "\(body.prefix(20))")
        }
    }

    @Test(
        "A limit names its wait, by the platform's header first; none, zero and nonsense mean a second, and an hour is the most"
    )
    func limits() {
        let body = #"{"code":99991400,"msg":"request trigger frequency limit"}"#
        #expect(error(429, body, ["x-ogw-ratelimit-reset": "52", "Retry-After": "3"])?.retryAfter == .seconds(52))
        #expect(error(400, body, ["Retry-After": "3"])?.retryAfter == .seconds(3))
        for text in ["0", "-1", "soon", "", "1.5"] {
            #expect(error(429, body, ["x-ogw-ratelimit-reset": text])?.retryAfter == .seconds(1), "\(text)")
        }
        #expect(error(429, "", ["Retry-After": "1000000000"])?.retryAfter == .seconds(3600))
    }
}
