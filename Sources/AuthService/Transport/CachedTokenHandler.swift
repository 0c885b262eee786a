import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Answers requests for tokens that are in memory on the event loop, without a task. All others, and those that anything
/// is wrong with, go on to the router as they came.
final class CachedTokenHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let responder: CachedTokenResponder
    /// How many requests the router has not answered yet. Responses must keep the order of the requests.
    private var routed = 0
    /// The parts of a request that may be answered here.
    private var parts: [HTTPRequestPart] = []
    private var isAnswering = false
    /// What arrived while a request was answered.
    private var deferred: [(ChannelHandlerContext) -> Void] = []

    init(_ responder: CachedTokenResponder) { self.responder = responder }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswering else { return deferred.append { self.channelRead(context: $0, data: data) } }
        let part = unwrapInboundIn(data)
        switch part {
        case .head(let head) where routed == 0 && parts.isEmpty && responder.accepts(head): parts = [part]
        case .body(let bytes) where parts.count == 1 && bytes.readableBytes <= 1024: parts.append(part)
        case .end(nil) where parts.count == 2: answer(context)
        default:
            forwardParts(context)
            if case .head = part { routed += 1 }
            context.fireChannelRead(data)
        }
    }

    private func forwardParts(_ context: ChannelHandlerContext) {
        if !parts.isEmpty { routed += 1 }
        for part in parts { context.fireChannelRead(wrapInboundOut(part)) }
        parts = []
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard case .head(let head)? = parts.first, case .body(let body)? = parts.last,
            let response = responder.response(to: head, body: body, on: context.channel)
        else { return finish(nil, context) }
        isAnswering = true
        response.assumeIsolated().whenComplete { self.finish(try? $0.get(), context) }
    }

    /// - Parameter response: nil leaves the request to the router.
    private func finish(_ response: [HTTPResponsePart]?, _ context: ChannelHandlerContext) {
        if let response {
            parts = []
            for part in response { context.write(wrapOutboundOut(part), promise: nil) }
            context.flush()
        } else {
            forwardParts(context)
            context.fireChannelRead(wrapInboundOut(.end(nil)))
        }
        isAnswering = false
        while !isAnswering, !deferred.isEmpty { deferred.removeFirst()(context) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { routed -= 1 }
        context.write(data, promise: promise)
    }

    func read(context: ChannelHandlerContext) {
        // One request that follows is read meanwhile; no more, so that a client cannot fill the memory.
        if deferred.count > 2 { deferred.append { $0.read() } } else { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        forward(context) { $0.fireUserInboundEventTriggered(event) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        forward(context) { $0.fireErrorCaught(error) }
    }

    private func forward(_ context: ChannelHandlerContext, _ event: @escaping (ChannelHandlerContext) -> Void) {
        guard !isAnswering else { return deferred.append(event) }
        forwardParts(context)
        event(context)
    }
}
