import NIOHTTP1
import Testing

@testable import LarkAPI

@Suite("What stands before an answer's body")
struct AnswerHeadTests {
    private func head(_ headers: HTTPHeaders) -> ResponseHead { ResponseHead(status: 200, headers: headers) }

    @Test(
        "A length that is none counts as not there, and the end as not marked",
        arguments: ["-1", "+5", "", " ", "x", "0x10", "1e3", "5 5", "5,5", "٥", "99999999999999999999"])
    func badLengths(_ text: String) {
        #expect(head(["Content-Length": text]).contentLength == nil)
        #expect(!head(["Content-Length": text]).endIsMarked)
    }

    @Test("Two lengths that differ are none; the same one twice is one")
    func twoLengths() {
        #expect(head(["Content-Length": "5", "content-length": "6"]).contentLength == nil)
        #expect(head(["Content-Length": "5", "content-length": "5"]).contentLength == 5)
    }

    @Test("The end is marked by a length or by chunks, in any letter case")
    func end() {
        #expect(!head([:]).endIsMarked)
        #expect(!head(["Transfer-Encoding": "gzip"]).endIsMarked)
        #expect(head(["Content-Length": "0"]).endIsMarked)
        #expect(head(["transfer-encoding": "Chunked"]).endIsMarked)
        #expect(head(["Transfer-Encoding": "gzip, chunked"]).endIsMarked)
    }

    @Test(
        "A wait that is none, zero or below counts as not there",
        arguments: ["", "0", "-1", "soon", "1.5", "1s", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999999999"])
    func noWait(_ text: String) {
        for name in ["X-Ogw-Ratelimit-Reset", "Retry-After"] {
            #expect(head([name: text]).retryAfter == nil)
        }
        #expect(head(["X-Ogw-Ratelimit-Reset": text, "Retry-After": "3"]).retryAfter == .seconds(3))
    }

    @Test("The platform's own header comes first, and an hour is the most")
    func wait() {
        #expect(head(["x-ogw-ratelimit-reset": "52", "Retry-After": "3"]).retryAfter == .seconds(52))
        #expect(head(["Retry-After": "3600"]).retryAfter == .seconds(3600))
        #expect(head(["Retry-After": "1000000000"]).retryAfter == .seconds(3600))
    }

    @Test(
        "A log id that is long, empty or no plain word is none",
        arguments: ["", "a b", "a\u{1B}[2J", "a\n", "a\u{9B}", "\u{202E}", "é", String(repeating: "a", count: 129)])
    func badLogIDs(_ text: String) {
        #expect(head(["X-Tt-Logid": text]).logID == nil)
    }

    @Test("A log id comes in any letter case of its name")
    func logID() {
        #expect(head(["x-tt-logid": "2026L"]).logID == "2026L")
        #expect(head(["X-TT-LOGID": String(repeating: "a", count: 128)]).logID?.count == 128)
    }

    @Test("The content type is read without parameters, in lower case")
    func contentType() {
        #expect(head([:]).contentType == nil)
        #expect(head(["Content-Type": ";"]).contentType == nil)
        #expect(head(["content-type": "Image/PNG ; q=1"]).contentType == "image/png")
    }

    @Test("Bytes as they are have no encoding; anything else is one")
    func encoding() {
        #expect(head([:]).contentEncoding == nil)
        #expect(head(["Content-Encoding": "Identity"]).contentEncoding == nil)
        #expect(head(["content-encoding": "gzip"]).contentEncoding == "gzip")
        #expect(head(["Content-Encoding": "identity, gzip"]).contentEncoding == "identity, gzip")
    }
}
