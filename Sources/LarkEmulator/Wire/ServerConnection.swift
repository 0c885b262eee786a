import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import Synchronization

extension Emulator {
    /// The server: HTTP/1.1, over TLS if configured. Each connection can send raw bytes and close without TLS shutdown.
    func makeServer() throws -> HTTPServerBuilder {
        guard let files = configuration.tls else {
            return HTTPServerBuilder { responder in
                self.closable(self.raw(HTTP1Channel(responder: responder)))
            }
        }
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
        )
        return HTTPServerBuilder { responder in
            self.closable(try TLSChannel(self.raw(HTTP1Channel(responder: responder)), tlsConfiguration: tls))
        }
    }

    private func raw<Base: ServerChildChannel>(_ base: Base) -> ChannelWithHandler<Base> {
        ChannelWithHandler(base: base) { channel in
            try channel.pipeline.syncOperations.addHandler(RawBytesHandler())
        }
    }

    private func closable<Base: ServerChildChannel>(_ base: Base) -> ChannelWithHandler<Base> {
        ChannelWithHandler(base: base) { [connections] channel in
            try channel.pipeline.syncOperations.addHandler(HardCloseHandler())
            connections.add(channel)
        }
    }
}

/// A connection with one more handler, closer to the socket than those of the base.
struct ChannelWithHandler<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    /// Called on the connection's event loop before the base sets up its own handlers.
    let addHandler: @Sendable (any Channel) throws -> Void

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop
            .makeCompletedFuture {
                try addHandler(channel)
            }
            .flatMap {
                base.setup(channel: channel, logger: logger)
            }
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

/// Bytes to send without the HTTP encoder.
struct RawBytes: Sendable {
    var buffer: ByteBuffer
}

/// Closes a connection at once, without a TLS close_notify.
struct HardClose: Sendable {}

/// Sends ``RawBytes``. It is placed between the HTTP encoder and TLS.
final class RawBytesHandler: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        if let raw = event as? RawBytes {
            context.writeAndFlush(wrapOutboundOut(raw.buffer), promise: promise)
        } else {
            context.triggerUserOutboundEvent(event, promise: promise)
        }
    }
}

/// Closes the socket on ``HardClose``. It is placed between TLS and the socket.
final class HardCloseHandler: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        if event is HardClose {
            context.close(mode: .all, promise: promise)
        } else {
            context.triggerUserOutboundEvent(event, promise: promise)
        }
    }
}

/// The open connections, so that stopping does not wait for those that a fault stalls.
final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Adds a connection until it closes; closes it at once if all have been closed already.
    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let isClosed = state.withLock { state in
            state.channels[id] = channel
            return state.isClosed
        }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { $0.channels[id] = nil }
        }
        if isClosed {
            channel.close(mode: .all, promise: nil)
        }
    }

    func closeAll() {
        let channels = state.withLock { state in
            state.isClosed = true
            return Array(state.channels.values)
        }
        for channel in channels {
            channel.triggerUserOutboundEvent(HardClose(), promise: nil)
        }
    }
}
