import AsyncHTTPClient
import NIOCore

/// The bytes of an answer as they come, in parts of the network's choosing.
package struct ResponseBody: Sendable {
    private let body: HTTPClientResponse.Body
    private let host: LarkHost
    private let logID: String?

    init(_ body: HTTPClientResponse.Body, host: LarkHost, logID: String?) {
        self.body = body
        self.host = host
        self.logID = logID
    }

    /// Passes each part to a body as it arrives; the server is slowed down to the pace of the body.
    ///
    /// - Throws: ``LarkError``, of kind `badAnswer` for a response that ends too early; what `take` throws, which ends
    ///   the exchange.
    package func read(_ take: ([UInt8]) async throws -> Void) async throws {
        var parts = body.makeAsyncIterator()
        var count = 0
        while let part = try await next(&parts, after: count) {
            count += part.readableBytes
            try await take(Array(part.readableBytesView))
        }
    }

    private func next(
        _ parts: inout HTTPClientResponse.Body.AsyncIterator, after count: Int
    ) async throws -> ByteBuffer? {
        do {
            return try await parts.next()
        } catch {
            guard let fault = LarkError.connection(error, host: host) else { throw error }
            throw LarkError.isSilence(error) ? fault : .cutShort(after: count, logID: logID, underlying: error)
        }
    }

    /// The whole body.
    ///
    /// - Returns: nil when it is longer than the limit, in bytes.
    /// - Throws: as ``read(_:)``.
    package func bytes(upTo limit: Int) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        do {
            try await read { part in
                guard bytes.count + part.count <= limit else { throw TooLong() }
                bytes += part
            }
        } catch is TooLong {
            return nil
        }
        return bytes
    }

    private struct TooLong: Error {}
}
