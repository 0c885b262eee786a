import FoundationEssentials
import NIOCore
import NIOPosix
import Synchronization

/// A small HTTP proxy: it takes `CONNECT` with a user and a password, and connects any name to this machine.
final class ConnectProxy: Sendable {
    let port: Int
    private let state: State

    private final class State: Sendable {
        let seen = Mutex((targets: [String](), bytes: [UInt8]()))
    }

    private init(port: Int, state: State) {
        self.port = port
        self.state = state
    }

    /// The host and port of each request.
    var targets: [String] { state.seen.withLock { $0.targets } }

    /// Everything that clients sent.
    var bytesSeen: String { String(decoding: state.seen.withLock { $0.bytes }, as: UTF8.self) }

    /// Runs a proxy on a free port during a body.
    static func with(user: String, password: String, _ body: (ConnectProxy) async throws -> Void) async throws {
        let state = State()
        let group = MultiThreadedEventLoopGroup.singleton
        let credentials = "\(user):\(password)"
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(state, credentials))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(ConnectProxy(port: server.localAddress?.port ?? 0, state: state))
            try await server.close()
        } catch {
            try? await server.close()
            throw error
        }
    }

    /// Reads the request, then passes everything on in both directions.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let state: State
        private let credentials: String
        private var head = ""
        private var target: (any Channel)?
        private var isConnecting = false

        init(_ state: State, _ credentials: String) {
            self.state = state
            self.credentials = credentials
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            state.seen.withLock { $0.bytes += buffer.readableBytesView }
            if let target {
                target.writeAndFlush(buffer, promise: nil)
                return
            }
            head += String(buffer: buffer)
            guard head.hasSuffix("\r\n\r\n"), !isConnecting else { return }
            isConnecting = true
            connect(context.channel)
        }

        private func connect(_ client: any Channel) {
            let lines = head.split(separator: "\r\n")
            let name = String(lines[0].split(separator: " ")[1])
            let expected = "Basic \(Data(credentials.utf8).base64EncodedString())"
            guard lines.contains(where: { $0.lowercased() == "proxy-authorization: \(expected)".lowercased() }) else {
                let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
                client.writeAndFlush(ByteBuffer(string: refusal), promise: nil)
                return
            }
            state.seen.withLock { $0.targets.append(name) }
            let port = name.split(separator: ":").last.flatMap { Int($0) } ?? 0
            let box = NIOLoopBound(self, eventLoop: client.eventLoop)
            ClientBootstrap(group: client.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Returner(client))
                    }
                }
                .connect(host: "127.0.0.1", port: port)
                .whenSuccess { channel in
                    box.value.target = channel
                    client.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"), promise: nil)
                }
        }

        func channelInactive(context: ChannelHandlerContext) {
            target?.close(promise: nil)
        }
    }

    /// Passes what the server sends to the client.
    private final class Returner: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let client: any Channel

        init(_ client: any Channel) {
            self.client = client
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            client.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            client.close(promise: nil)
        }
    }
}
