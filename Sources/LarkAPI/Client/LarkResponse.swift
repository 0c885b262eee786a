import AsyncHTTPClient
package import FoundationEssentials
import NIOCore
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
        func value(_ name: String) -> String? {
            headers.first(name: name).flatMap { Self.isEcho($0, of: secrets) ? nil : $0 }
        }
        self.status = status
        contentType = value("Content-Type")
            .flatMap { $0.split(separator: ";").first }
            .map { String($0.filter { !$0.isWhitespace }).lowercased() }
        contentLength = Self.length(headers["Content-Length"])
        endIsMarked =
            contentLength != nil
            || headers[canonicalForm: "Transfer-Encoding"].contains { $0.lowercased() == "chunked" }
        // Even a value that repeats a secret means that the body is encoded.
        contentEncoding = headers.first(name: "Content-Encoding")
            .flatMap { $0.lowercased() == "identity" ? nil : value("Content-Encoding") ?? "?" }
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

/// The body of a response, read in parts of any size.
package struct ResponseBody: Sendable {
    private let body: HTTPClientResponse.Body
    private let address: ServerAddress
    private let logID: String?

    init(_ body: HTTPClientResponse.Body, address: ServerAddress, logID: String?) {
        self.body = body
        self.address = address
        self.logID = logID
    }

    /// Passes each part to a closure. The server is slowed down to the closure's pace.
    ///
    /// - Throws: ``LarkError``, of kind `badResponse` for a body that ends early; what `receive` throws, which ends the
    ///   exchange.
    package func read(_ receive: ([UInt8]) async throws -> Void) async throws {
        var parts = body.makeAsyncIterator()
        var count = 0
        while let part = try await next(&parts, after: count) {
            count += part.readableBytes
            try await receive(Array(part.readableBytesView))
        }
    }

    /// Reads the whole body.
    ///
    /// - Returns: nil if it is longer than the limit, in bytes.
    /// - Throws: as ``read(_:)``.
    package func bytes(upTo limit: Int) async throws -> [UInt8]? {
        var parts = body.makeAsyncIterator()
        var bytes: [UInt8] = []
        while let part = try await next(&parts, after: bytes.count) {
            guard bytes.count + part.readableBytes <= limit else { return nil }
            bytes += part.readableBytesView
        }
        return bytes
    }

    private func next(
        _ parts: inout HTTPClientResponse.Body.AsyncIterator, after count: Int
    ) async throws -> ByteBuffer? {
        do {
            return try await parts.next()
        } catch {
            throw LarkError.body(error, after: count, address: address, logID: logID)
        }
    }
}

/// The date of an HTTP response (RFC 9110, 5.6.7): `Mon, 23 Nov 2026 09:22:49 GMT`.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Parses a date; nil for anything else, the two obsolete forms included.
    static func date(_ text: String) -> Date? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]),
            let month = months.firstIndex(of: String(words[2])), let year = Int(words[3])
        else { return nil }
        let time = words[4].split(separator: ":").map { Int($0) }
        guard time.count == 3, let hour = time[0], let minute = time[1], let second = time[2],
            (0..<24).contains(hour), (0..<60).contains(minute), (0...60).contains(second)
        else { return nil }
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return try? Date(
            "\(year)-\(padded(month + 1))-\(padded(day))T\(padded(hour)):\(padded(minute)):\(padded(second))Z",
            strategy: .iso8601)
    }
}
