import FoundationEssentials
import NIOHTTP1
import Testing

@testable import LarkAPI

@Suite("A server that repeats a secret")
struct EchoTests {
    private let secrets = [Secret("canary-secret"), Secret("t-canary.token")]

    private func error(_ message: String, logID: String? = nil, headers: HTTPHeaders = [:]) throws -> LarkError {
        let details = logID.map { ["log_id": $0] } ?? [:]
        let answer = Envelope(code: 10003, msg: message, error: details)
        let head = ResponseHead(status: 400, headers: headers, secrets: secrets)
        let body = Array(try JSONEncoder().encode(answer))
        return try #require(LarkError(response: head, body: body, action: "img_x", secrets: secrets))
    }

    private struct Envelope: Encodable {
        let code: Int
        let msg: String
        let error: [String: String]
    }

    @Test(
        "No message shows it, whatever stands around it",
        arguments: [
            "canary-secret", "canary-secretcanary-secret", "xcanary-secrety", "canary-secret\u{301}",
            "canary-secret\u{200D}", "canary-secret\u{FE0F}", "\u{301}canary-secret", "canary-secret\r\n",
            "\rcanary-secret", "canary-secret\u{1B}[2J", "app t-canary.token, secret canary-secret",
            "\u{1F1E6}canary-secret\u{1F3FD}", String(repeating: "canary-secret\u{308}", count: 10_000),
            String(repeating: "x", count: 290) + "canary-secret",
        ])
    func messages(_ message: String) throws {
        let error = try error(message)
        for text in ["\(error)", error.summary, "\(String(describing: error.remedy))", error.platformMessage ?? ""] {
            #expect(!text.unicodeScalars.contains("canary".unicodeScalars), "\(text)")
        }
        #expect(error.platformMessage?.contains("‹") == true)
    }

    @Test("A log id that holds it is none, from the body or the header", arguments: ["", "2026", "x-"])
    func logIDs(_ prefix: String) throws {
        for secret in secrets {
            let echo = prefix + secret.revealedText
            #expect(try error("m", logID: echo).logID == nil)
            #expect(try error("m", headers: ["X-Tt-Logid": echo]).logID == nil)
            #expect(try error("m", logID: echo, headers: ["X-Tt-Logid": "2026A"]).logID == "2026A")
        }
    }

    @Test("A content type or encoding that holds it is not repeated; the body counts as packed all the same")
    func headers() {
        let head = ResponseHead(
            status: 200, headers: ["Content-Type": "text/t-canary.token", "Content-Encoding": "t-canary.token"],
            secrets: secrets)
        #expect(head.contentType == nil)
        #expect(head.contentEncoding == "?")
    }

    @Test("What is no secret stays, and an empty secret takes out nothing")
    func harmless() throws {
        #expect(try error("canary, secret").platformMessage == "canary, secret")
        #expect(Secret("").removed(from: "text") == "text")
        #expect(ResponseHead(status: 200, headers: ["X-Tt-Logid": "2026A"], secrets: [Secret("")]).logID == "2026A")
    }
}
