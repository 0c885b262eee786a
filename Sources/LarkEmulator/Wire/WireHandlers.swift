import NIOCore

/// Bytes for the connection as they are, past the HTTP encoder.
struct RawBytes: Sendable {
    var buffer: ByteBuffer
}

/// A close at once, without the farewell of TLS.
struct HardClose: Sendable {}

/// Stands next to the HTTP encoder and sends ``RawBytes``.
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

/// Stands next to the socket and obeys ``HardClose``.
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
