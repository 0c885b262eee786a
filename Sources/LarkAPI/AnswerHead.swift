import NIOHTTP1

/// What stands before the body of an answer, read into words; every header is data from outside.
package struct AnswerHead: Sendable {
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

    init(status: Int, headers: HTTPHeaders) {
        self.status = status
        contentType = headers.first(name: "Content-Type")
            .flatMap { $0.split(separator: ";").first }
            .map { String($0.filter { !$0.isWhitespace }).lowercased() }
        contentLength = headers.first(name: "Content-Length").flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        endIsMarked =
            contentLength != nil
            || headers[canonicalForm: "Transfer-Encoding"].contains { $0.lowercased() == "chunked" }
        contentEncoding = headers.first(name: "Content-Encoding").flatMap { $0.lowercased() == "identity" ? nil : $0 }
        logID = headers.first(name: "X-Tt-Logid").flatMap(Self.validLogID)
        retryAfter = ["X-Ogw-Ratelimit-Reset", "Retry-After"].lazy
            .compactMap { headers.first(name: $0).flatMap { Int($0) } }
            .first { $0 > 0 }
            .map { .seconds(min($0, 3600)) }
    }

    /// A log id is 34 letters and digits in practice; anything short and plain is taken, the rest dropped.
    static func validLogID(_ text: String) -> String? {
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isPlain && (1...128).contains(text.utf8.count) ? text : nil
    }
}
