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

    /// Hands over each part as it comes; the server is slowed down to the pace of the one who takes them.
    ///
    /// - Throws: ``LarkError``, of kind `badAnswer` for a body that ends before its time; what `take` throws, which
    ///   ends the exchange.
    package func read(_ take: (UnsafeRawBufferPointer) throws -> Void) async throws {
        var count = 0
        do {
            for try await part in body {
                count += part.readableBytes
                do {
                    try part.withUnsafeReadableBytes { try take($0) }
                } catch {
                    throw TakerFailure(error: error)
                }
            }
        } catch let failure as TakerFailure {
            throw failure.error
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

    /// An error of the one who takes the parts, kept apart from the network's.
    private struct TakerFailure: Error {
        let error: any Error
    }

    private struct TooLong: Error {}
}
