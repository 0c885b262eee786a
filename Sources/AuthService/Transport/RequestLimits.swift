import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// The limits on the size of a request and on the time it takes to arrive.
enum RequestLimits {
    /// Of the body, in bytes.
    static let body = 64 << 10
    /// Of everything received before a response, in bytes. Beyond that the connection is closed.
    static let unread = 1 << 20
    /// Of all header fields, in bytes.
    static let headers = 16 << 10
    /// Until an idle connection is closed, or one whose header fields do not end.
    static let idle = TimeAmount.seconds(15)
    /// From the header of a request to the end of its body, and for responses that are not read.
    static let arrival = TimeAmount.seconds(10)
}

/// Closes a connection that sends more bytes before a response than any request has (header, body and chunk framing
/// included), or that does not read its responses. It comes before the HTTP decoder.
final class RequestSizeLimitHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private var received = 0
    private var deadline: Scheduled<Void>?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytes
        // A body over the limit has been answered at that point; the rest of it is discarded.
        guard received <= RequestLimits.unread else { return context.close(promise: nil) }
        context.fireChannelRead(data)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
        if !context.channel.isWritable {
            let channel = context.channel
            deadline = context.eventLoop.scheduleTask(in: RequestLimits.arrival) { channel.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        received = 0
        context.write(data, promise: promise)
    }
}

/// Closes a connection whose request does not arrive in time.
///
/// Hummingbird's own timeout restarts with every part of a body, so a slow body would keep a connection open forever.
final class RequestTimeoutHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private var isArriving = false
    private var deadline: Scheduled<Void>?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isArriving = true
        case .body:
            break
        case .end:
            isArriving = false
            deadline?.cancel()
            deadline = nil
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Most requests arrive at once and need no deadline.
        if isArriving, deadline == nil {
            let channel = context.channel
            deadline = context.eventLoop.scheduleTask(in: RequestLimits.arrival) { channel.close(promise: nil) }
        }
        context.fireChannelReadComplete()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
    }
}
