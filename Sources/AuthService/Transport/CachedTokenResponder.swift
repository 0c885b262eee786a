import FoundationEssentials
import Glibc
import HTTPTypes
import Hummingbird
import LarkAPI
import NIOCore
import NIOHTTPTypes

/// Decides which requests get a token from memory, with the functions of the middlewares and of the route.
struct CachedTokenResponder: Sendable {
    let crossOrigin: CrossOriginMiddleware
    let authenticator: ClientAuthenticator
    let limiter: ClientRateLimiter
    let connections: ConnectionRegistry
    let controller: TokenController

    /// Whether a request may be one for a token, with a connection that stays open.
    func accepts(_ head: HTTPRequest) -> Bool {
        head.method == .post && head.isJSON && head.headerFields[.connection] == nil && Self.tenant(in: head) != nil
    }

    private static let path = TokenController.tokenPath.split(separator: "{name}").map(String.init)

    /// The name in a path of the route; nil for any other path. A name that needs decoding is left to the router.
    private static func tenant(in head: HTTPRequest) -> String? {
        guard let text = head.path, text.hasPrefix(path[0]), text.hasSuffix(path[1]) else { return nil }
        let name = text.utf8.dropFirst(path[0].utf8.count).dropLast(path[1].utf8.count)
        return name.allSatisfy { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "%") } ? String(name) : nil
    }

    /// The response to a request that everything is in order with, after its line is in the audit log.
    ///
    /// - Returns: nil when it is not, or when the token is not in memory. Then nothing was done.
    func response(
        to head: HTTPRequest, body: ByteBuffer, on channel: any Channel
    ) -> EventLoopFuture<[HTTPResponsePart]>? {
        let start = ContinuousClock.now
        let principal =
            connections.peer(of: channel).map(Principal.peer)
            ?? authenticator.cachedGrant(head.headerFields[.authorization]).map(Principal.client)
        guard let principal, let path = head.path, let tenant = try? principal.tenant(Self.tenant(in: head) ?? ""),
            let lifetime = try? TokenController.lifetime(in: body),
            let token = controller.tokens.cachedToken(for: tenant, goodFor: lifetime),
            (try? crossOrigin.check(head, path: path, port: channel.localAddress?.port)) != nil,
            (try? limiter.acquire(principal)) != nil
        else { return nil }
        let entry = AuditLog.Entry(
            audit: "token", result: "given", tenant: tenant.text, who: principal.name,
            address: channel.remoteAddress?.ipAddress)
        let written = channel.eventLoop.makePromise(of: Void.self)
        let now = controller.timing.now()
        controller.audit.record(entry, at: now) { written.completeWith($0) }
        return written.futureResult.flatMapThrowing {
            var (response, body) = try controller.response(token, tenant: tenant)
            response.headers[.date] = now.httpDate
            controller.metrics.recordRequest(
                TokenController.tokenPath, status: 200, seconds: (ContinuousClock.now - start) / .seconds(1))
            return [.head(response.head), .body(body), .end(nil)]
        }
    }
}

extension Date {
    /// As in the header field `Date` (RFC 9110, 5.6.7).
    fileprivate var httpDate: String {
        var (seconds, parts, text) = (time_t(timeIntervalSince1970), tm(), [CChar](repeating: 0, count: 40))
        gmtime_r(&seconds, &parts)
        // In the C locale, which a process has unless it sets another.
        let length = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: text.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
