import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// Closes a connection whose request does not come to an end: in time, or at all.
///
/// Hummingbird's own clock starts anew with every part of a body, so that one that drips would keep it for ever.
final class RequestTimeLimit: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private var isArriving = false
    private var received = 0
    private var deadline: Scheduled<Void>?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isArriving = true
            received = 0
        case .body(let part):
            received += part.readableBytes
            // It was answered at its first bytes too many; what still comes is for nobody.
            guard received <= RequestBounds.unreadBody else { return context.close(promise: nil) }
        case .end:
            isArriving = false
            deadline?.cancel()
            deadline = nil
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Most requests are there as a whole and need no deadline.
        if isArriving, deadline == nil {
            let channel = context.channel
            deadline = context.eventLoop.scheduleTask(in: RequestBounds.arrival) { channel.close(promise: nil) }
        }
        context.fireChannelReadComplete()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
    }
}
