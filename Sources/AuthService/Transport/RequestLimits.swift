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

/// Closes a connection whose request does not arrive in time, and tells the registry which connections are idle.
///
/// Hummingbird's own timeout restarts with every part of a body, so a slow body would keep a connection open forever.
/// Only the time in which the service waits for bytes counts: while it still answers an earlier request on the
/// connection, it does not read.
final class RequestTimeoutHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let connections: ConnectionRegistry
    private var requestsInFlight = 0
    private var isArriving = false
    /// What is left of the time for a request.
    private var budget = RequestLimits.arrival
    private var wait: (start: NIODeadline, deadline: Scheduled<Void>)?

    init(connections: ConnectionRegistry) {
        self.connections = connections
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isArriving = true
            budget = RequestLimits.arrival
            requestsInFlight += 1
            if requestsInFlight == 1 { connections.setIdle(false, context.channel) }
        case .body:
            break
        case .end:
            isArriving = false
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            requestsInFlight -= 1
            if requestsInFlight == 0 { connections.setIdle(true, context.channel) }
        }
        context.write(data, promise: promise)
    }

    func read(context: ChannelHandlerContext) {
        // Most requests arrive at once and need no deadline.
        if isArriving, wait == nil {
            let channel = context.channel
            wait = (
                context.eventLoop.now, context.eventLoop.scheduleTask(in: budget) { channel.close(promise: nil) }
            )
        }
        context.read()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if let start = wait?.start { budget = budget - (context.eventLoop.now - start) }
        endWait()
        context.fireChannelReadComplete()
    }

    func handlerRemoved(context: ChannelHandlerContext) { endWait() }

    private func endWait() {
        wait?.deadline.cancel()
        wait = nil
    }
}
