import NIOCore
import NIOPosix

/// A bare TCP connection, to see what is on the wire.
enum RawConnection {
    /// All the server sent, and how the connection ended.
    struct Capture: Sendable {
        var text: String
        /// Whether the server broke the connection off instead of closing it.
        var wasReset: Bool
    }

    /// Sends a GET and reads until the server ends the connection, or until a predicate has seen enough.
    static func get(
        _ path: String,
        port: Int,
        token: String = "none",
        until isEnough: (String) -> Bool = { _ in false }
    ) async throws -> Capture {
        let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(
                host: "127.0.0.1",
                port: port
            ) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await connection.executeThenClose { inbound, outbound in
            let request = "GET \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer \(token)\r\n\r\n"
            try await outbound.write(ByteBuffer(string: request))
            var capture = Capture(text: "", wasReset: false)
            do {
                for try await buffer in inbound {
                    capture.text += String(buffer: buffer)
                    if isEnough(capture.text) { break }
                }
            } catch is IOError {
                capture.wasReset = true
            }
            return capture
        }
    }
}
