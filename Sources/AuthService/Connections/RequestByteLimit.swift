import NIOCore

/// Closes a connection on which more bytes come than any request has, before it was answered: headers, chunks and what
/// stands around them alike. It stands before HTTP is read.
final class RequestByteLimit: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private var received = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytes
        // A body that is too long was answered at its first bytes too many; what still comes is for nobody.
        guard received <= RequestBounds.unread else { return context.close(promise: nil) }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        received = 0
        context.write(data, promise: promise)
    }
}
