import AsyncHTTPClient
import NIOCore

/// The body of a response, read in parts of the network's choosing.
package struct ResponseBody: Sendable {
    private let body: HTTPClientResponse.Body
    private let host: LarkHost
    private let logID: String?

    init(_ body: HTTPClientResponse.Body, host: LarkHost, logID: String?) {
        self.body = body
        self.host = host
        self.logID = logID
    }

    /// Passes each part to a closure. The server is slowed down to the closure's pace.
    ///
    /// - Throws: ``LarkError``, of kind `badAnswer` for a body that ends early; what `take` throws, which ends the
    ///   exchange.
    package func read(_ take: ([UInt8]) async throws -> Void) async throws {
        var parts = body.makeAsyncIterator()
        var count = 0
        while let part = try await next(&parts, after: count) {
            count += part.readableBytes
            try await take(Array(part.readableBytesView))
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
            throw LarkError.body(error, after: count, host: host, logID: logID)
        }
    }
}
