package import FoundationEssentials
import NIOHTTP1

/// What stands before the body of an answer, read into words; every header is data from outside.
package struct ResponseHead: Sendable {
    package let status: Int

    /// Without parameters, lower case: `image/png`.
    package let contentType: String?

    /// In bytes; nil when the server does not say, or says nonsense.
    package let contentLength: Int?

    /// Whether the end of the body can be told from a connection that broke: by its length, or by its chunks.
    package let endIsMarked: Bool

    /// `gzip` and the like; nil for bytes as they are.
    package let contentEncoding: String?

    /// `X-Tt-Logid`.
    package let logID: String?

    /// From `X-Ogw-Ratelimit-Reset`, else `Retry-After`: whole seconds, at most an hour. Both are in the document
    /// "Frequency control" or HTTP itself; zero and nonsense count as not there.
    package let retryAfter: Duration?

    /// What the server's clock shows; nil when it does not say, or says nonsense.
    package let date: Date?

    /// Reads status and headers.
    ///
    /// - Parameter secrets: what the request carried; words that repeat one count as not there.
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
        // Even an echo says that the bytes are packed.
        contentEncoding = headers.first(name: "Content-Encoding")
            .flatMap { $0.lowercased() == "identity" ? nil : word("Content-Encoding") ?? "?" }
        date = headers.first(name: "Date").flatMap { HTTPDate.date($0) }
        logID = headers.first(name: "X-Tt-Logid").flatMap { Self.validLogID($0, secrets: secrets) }
        retryAfter = ["X-Ogw-Ratelimit-Reset", "Retry-After"].lazy
            .compactMap { headers.first(name: $0).flatMap { Int($0) } }
            .first { $0 > 0 }
            .map { .seconds(min($0, 3600)) }
    }

    /// One number of digits alone, as HTTP has it; `+5`, or two that differ, are nonsense.
    private static func length(_ values: [String]) -> Int? {
        guard let first = values.first, values.allSatisfy({ $0 == first }),
            first.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(first)
    }

    /// A log id is 34 letters and digits in practice; anything short and plain is taken, the rest dropped, and so is an
    /// echo of what the request carried.
    package static func validLogID(_ text: String, secrets: [Secret] = []) -> String? {
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isPlain && (1...128).contains(text.utf8.count) && !isEcho(text, of: secrets) ? text : nil
    }

    private static func isEcho(_ text: String, of secrets: [Secret]) -> Bool {
        // Most words are shorter than any secret.
        secrets.contains { $0.revealedText.utf8.count <= text.utf8.count && $0.removed(from: text) != text }
    }
}
