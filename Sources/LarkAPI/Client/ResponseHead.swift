package import FoundationEssentials
import NIOHTTP1

/// The parsed status and headers of a response. Headers are untrusted input.
package struct ResponseHead: Sendable {
    package let status: Int

    /// Without parameters, lower case: `image/png`.
    package let contentType: String?

    /// In bytes; nil if missing or invalid.
    package let contentLength: Int?

    /// Whether the end of the body can be told from a broken connection, by its length or its chunks.
    package let endIsMarked: Bool

    /// `gzip` and so on; nil for a plain body.
    package let contentEncoding: String?

    /// `X-Tt-Logid`.
    package let logID: String?

    /// From `X-Ogw-Ratelimit-Reset`, else `Retry-After`: whole seconds, at most an hour. Both are in the document
    /// "Frequency control" and HTTP; zero and invalid values are ignored.
    package let retryAfter: Duration?

    /// The time of the server's clock; nil if missing or invalid.
    package let date: Date?

    /// Parses status and headers.
    ///
    /// - Parameter secrets: the secrets in the request; headers that repeat one are ignored.
    init(status: Int, headers: HTTPHeaders, secrets: [Secret] = []) {
        func word(_ name: String) -> String? {
            headers.first(name: name).flatMap { Self.isEcho($0, of: secrets) ? nil : $0 }
        }
        self.status = status
        contentType = word("Content-Type")
            .flatMap { $0.split(separator: ";").first }
            .map { String($0.filter { !$0.isWhitespace }).lowercased() }
        contentLength = Self.length(headers["Content-Length"])
        endIsMarked =
            contentLength != nil
            || headers[canonicalForm: "Transfer-Encoding"].contains { $0.lowercased() == "chunked" }
        // Even a value that repeats a secret means that the body is encoded.
        contentEncoding = headers.first(name: "Content-Encoding")
            .flatMap { $0.lowercased() == "identity" ? nil : word("Content-Encoding") ?? "?" }
        date = headers.first(name: "Date").flatMap { HTTPDate.date($0) }
        logID = headers.first(name: "X-Tt-Logid").flatMap { Self.validLogID($0, secrets: secrets) }
        retryAfter = ["X-Ogw-Ratelimit-Reset", "Retry-After"].lazy
            .compactMap { headers.first(name: $0).flatMap { Int($0) } }
            .first { $0 > 0 }
            .map { .seconds(min($0, 3600)) }
    }

    /// HTTP allows digits alone: `+5`, or two values that differ, are invalid.
    private static func length(_ values: [String]) -> Int? {
        guard let first = values.first, values.allSatisfy({ $0 == first }),
            first.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(first)
    }

    /// Returns a log id, unless it is long, not plain ASCII, or repeats a secret. In practice it is 34 letters and digits.
    package static func validLogID(_ text: String, secrets: [Secret] = []) -> String? {
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isPlain && (1...128).contains(text.utf8.count) && !isEcho(text, of: secrets) ? text : nil
    }

    private static func isEcho(_ text: String, of secrets: [Secret]) -> Bool {
        // Cheap test first: most headers are shorter than any secret.
        secrets.contains { $0.revealedText.utf8.count <= text.utf8.count && $0.removed(from: text) != text }
    }
}
