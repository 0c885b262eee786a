import AsyncHTTPClient
import NIOCore

/// The bytes of an answer as they come, in parts of the network's choosing.
package struct AnswerBody: Sendable {
    private let body: HTTPClientResponse.Body

    init(_ body: HTTPClientResponse.Body) {
        self.body = body
    }

    /// Hands over each part as it comes; the server is slowed down to the pace of the one who takes them.
    ///
    /// - Throws: faults of the connection, a body that ends before its time among them; what `take` throws, which
    ///   ends the exchange.
    package func read(_ take: ([UInt8]) async throws -> Void) async throws {
        for try await part in body {
            try await take(Array(part.readableBytesView))
        }
    }

    /// The whole body.
    ///
    /// - Returns: nil when it is longer than the limit, in bytes.
    package func bytes(upTo limit: Int) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        for try await part in body {
            guard bytes.count + part.readableBytes <= limit else { return nil }
            bytes += part.readableBytesView
        }
        return bytes
    }
}
