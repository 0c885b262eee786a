import FoundationEssentials
import LarkAPI
import NIOCore
import NIOHTTP1

/// Answers requests for a token that is remembered, at once and on the connection's own thread; everything else goes on
/// to the server as it came.
///
/// It hands out nothing that ``AuthServiceRouter`` would not: what is in any way unusual (a header too many, a client or
/// a token not seen within the last second, an earlier request not answered yet) is left to that.
final class WarmTokens: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// The server closes connections on which it sees nothing for a while; every so often it gets to see a request.
    private static let pause = TimeAmount.seconds(5)

    private let responder: AuthServiceRouter
    private var held: (head: HTTPRequestHead, demand: WarmDemand, body: ByteBuffer?)?
    private var inFlight = 0
    private var lastForwardedAt = NIODeadline.now()

    init(_ responder: AuthServiceRouter) {
        self.responder = responder
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if inFlight == 0, NIODeadline.now() < lastForwardedAt + Self.pause, let demand = WarmDemand(head) {
                held = (head, demand, nil)
            } else {
                inFlight += 1
                lastForwardedAt = .now()
                context.fireChannelRead(data)
            }
        case .body(let body):
            guard held != nil, held?.body == nil else {
                forwardHeld(context)
                return context.fireChannelRead(data)
            }
            held?.body = body
        case .end:
            if let (_, demand, body) = held, let answer = responder.warmAnswer(demand, body: body, on: context.channel)
            {
                held = nil
                context.write(wrapOutboundOut(.head(answer.head)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            } else {
                forwardHeld(context)
                context.fireChannelRead(data)
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A request that comes in parts is timed by the server.
        forwardHeld(context)
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { inFlight -= 1 }
        context.write(data, promise: promise)
    }

    private func forwardHeld(_ context: ChannelHandlerContext) {
        guard let (head, _, body) = held else { return }
        held = nil
        inFlight += 1
        lastForwardedAt = .now()
        context.fireChannelRead(wrapInboundOut(.head(head)))
        if let body { context.fireChannelRead(wrapInboundOut(.body(body))) }
    }
}

/// The head of a request for a token that has nothing unusual.
struct WarmDemand {
    let tenant: TenantName
    let host: String
    let authorization: String?

    private static let before = "/v1/tenants/"
    private static let after = "/token"
    private static let json: Set<String> = ["application/json", "application/json; charset=utf-8"]

    /// - Returns: nil for any other request.
    init?(_ head: HTTPRequestHead) {
        let uri = head.uri
        guard head.method == .POST, head.version == .http1_1, uri.hasPrefix(Self.before), uri.hasSuffix(Self.after),
            uri.utf8.count > Self.before.utf8.count + Self.after.utf8.count,
            let tenant = try? TenantName(
                String(uri.dropFirst(Self.before.utf8.count).dropLast(Self.after.utf8.count)))
        else { return nil }
        var (host, authorization): (String?, String?)
        var isJSON = false
        for (name, value) in head.headers {
            switch name.lowercased() {
            case "host" where host == nil: host = value
            case "authorization" where authorization == nil: authorization = value
            case "content-type" where !isJSON && Self.json.contains(value): isJSON = true
            case "content-length", "user-agent", "accept": break
            // Whatever else a request says is for the server to understand.
            default: return nil
            }
        }
        guard isJSON, let host else { return nil }
        self.tenant = tenant
        self.host = host
        self.authorization = authorization
    }
}

extension AuthServiceRouter {
    /// The answer to a request for a token that is remembered, by a caller that is known.
    ///
    /// - Returns: nil where anything has to be looked up, or refused.
    fileprivate func warmAnswer(
        _ demand: WarmDemand, body: ByteBuffer?, on channel: any Channel
    ) -> (head: HTTPResponseHead, body: ByteBuffer)? {
        let start = ContinuousClock.now
        guard guarding.isOurs(demand.host.lowercased(), port: channel.localAddress?.port) else { return nil }
        let caller: Principal
        if let peer = connections.peer(of: channel) {
            caller = .peer(peer)
        } else if let grant = demand.authorization.flatMap(authenticator.known) {
            caller = .client(grant)
        } else {
            return nil
        }
        guard
            let text = controller.warmToken(
                of: demand.tenant, for: caller, from: channel.remoteAddress?.ipAddress, body: body,
                taking: rateLimiter)
        else { return nil }
        let headers = HTTPHeaders([
            ("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
            ("Content-Length", "\(text.readableBytes)"),
        ])
        let took = (ContinuousClock.now - start) / .seconds(1)
        metrics.noteRequest(ServiceRoute.token("").label, status: 200, seconds: took)
        return (HTTPResponseHead(version: .http1_1, status: .ok, headers: headers), text)
    }
}
