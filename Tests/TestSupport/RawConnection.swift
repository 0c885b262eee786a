import LarkAPI
import NIOCore
import NIOPosix

/// A connection, over TCP or a Unix socket, that sends exactly the bytes a test gives it and shows what comes back.
public struct RawConnection {
    /// Where a server listens.
    public enum Address: Sendable {
        /// A port of this machine.
        case port(Int)
        /// A Unix socket.
        case socket(String)
    }

    /// All that a server sent, and how the connection ended.
    public struct Capture: Sendable {
        /// What was received.
        public var bytes: [UInt8] = []
        /// Whether the server reset the connection instead of closing it.
        public var wasReset = false

        /// What was received, as text.
        public var text: String { String(decoding: bytes, as: UTF8.self) }

        /// The complete responses in it.
        public var responses: [RawResponse] {
            var rest = bytes
            var responses: [RawResponse] = []
            while let response = RawResponse.next(in: &rest) { responses.append(response) }
            return responses
        }
    }

    /// Why there is no response.
    public enum NoResponse: Error {
        /// The connection was closed before a response began.
        case closed
        /// The connection was reset before a response began, as happens to a request that was not read.
        case reset
        /// The connection ended in the middle of a response.
        case cutShort
    }

    private let channel: any Channel
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var received: [UInt8] = []

    /// Opens a connection for a body, and closes it after that.
    ///
    /// A connection that is still open after two minutes is closed, so that a server that never answers does not keep a
    /// test running.
    ///
    /// - Parameters:
    ///   - address: where the server listens.
    ///   - source: the address of this machine to connect from, for a port.
    ///   - body: what happens on the connection.
    /// - Throws: `IOError` when there is no connection; what the body throws.
    public static func open<Result: Sendable>(
        _ address: Address, from source: String? = nil, _ body: (inout RawConnection) async throws -> Result
    ) async throws -> Result {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let source { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: source, port: 0)) }
        let wrap: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = { channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
        }
        let connection =
            switch address {
            case .port(let port):
                try await bootstrap.connect(host: "127.0.0.1", port: port, channelInitializer: wrap)
            case .socket(let path):
                try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
            }
        let channel = connection.channel
        let deadline = channel.eventLoop.scheduleTask(in: .seconds(120)) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        return try await connection.executeThenClose { inbound, _ in
            var raw = RawConnection(channel: channel, inbound: inbound.makeAsyncIterator())
            return try await body(&raw)
        }
    }

    /// Sends bytes on a connection of its own and reads until the server ends it, or until a predicate has seen enough.
    ///
    /// - Throws: as ``open(_:from:_:)``.
    public static func exchange(
        _ bytes: [UInt8], with address: Address, from source: String? = nil,
        until isEnough: (String) -> Bool = { _ in false }
    ) async throws -> Capture {
        try await open(address, from: source) { connection in
            // A server may refuse a request before it has read all of it.
            try? await connection.send(bytes)
            return await connection.readToEnd(until: isEnough)
        }
    }

    /// Sends a GET request to a port and reads as ``exchange(_:with:from:until:)`` does.
    ///
    /// - Throws: as ``open(_:from:_:)``.
    public static func get(
        _ path: String, port: Int, token: String = "none", until isEnough: (String) -> Bool = { _ in false }
    ) async throws -> Capture {
        let request = "GET \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer \(token)\r\n\r\n"
        return try await exchange(Array(request.utf8), with: .port(port), until: isEnough)
    }

    /// Sends bytes and returns when the kernel has them.
    ///
    /// - Throws: `IOError` or `ChannelError` when the server no longer reads.
    public func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// Closes the sending side, after which the server reads the end of the connection.
    ///
    /// - Throws: `ChannelError` when the connection is closed already.
    public func finishSending() async throws {
        try await channel.close(mode: .output)
    }

    /// Sends a byte every second until the server ends the connection.
    public func drip(_ byte: UInt8) async {
        // The error says that the connection has ended.
        while (try? await send([byte])) != nil, (try? await Clocks.system.sleep(.seconds(1))) != nil {}
    }

    /// Reads until the server ends the connection, or until a predicate has seen enough.
    public mutating func readToEnd(until isEnough: (String) -> Bool = { _ in false }) async -> Capture {
        var capture = Capture(bytes: received)
        do {
            while let part = try await inbound.next() {
                capture.bytes += part.readableBytesView
                if isEnough(capture.text) { break }
            }
        } catch {
            capture.wasReset = true
        }
        return capture
    }

    /// Reads one response.
    ///
    /// - Throws: ``NoResponse``.
    public mutating func response() async throws -> RawResponse {
        while true {
            if let response = RawResponse.next(in: &received) { return response }
            let part: ByteBuffer?
            do {
                part = try await inbound.next()
            } catch {
                throw received.isEmpty ? NoResponse.reset : .cutShort
            }
            guard let part else { throw received.isEmpty ? NoResponse.closed : .cutShort }
            received += part.readableBytesView
        }
    }
}
