import HTTPTypes
import Hummingbird

/// Refuses requests from web pages and through proxies.
///
/// A web page can reach a service on the same machine by a host name that resolves to it (DNS rebinding), but its
/// requests show that in `Host`, `Origin` or `Sec-Fetch-Site`.
struct CrossOriginMiddleware: RouterMiddleware {
    /// Only web pages and proxies send these.
    private static let refusedFields = [
        HTTPField.Name.origin, .forwarded, .xForwardedFor, .xForwardedHost, .xForwardedProto, .xRealIP, .via,
    ]

    private let names: Set<String>
    private let publicHosts: Set<String>
    private let defaultPort: Int

    init(_ configuration: ServiceConfiguration) {
        var names: Set<String> = ["localhost", "127.0.0.1", "[::1]"]
        for case .network(let host, _) in configuration.addresses {
            names.insert((host.contains(":") ? "[\(host)]" : host).lowercased())
        }
        self.names = names
        publicHosts = Set(configuration.publicHosts.map { $0.lowercased() })
        defaultPort = configuration.tls == nil ? 80 : 443
    }

    func handle(
        _ request: Request, context: ServiceRequestContext,
        next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        try check(request, port: context.localPort)
        return try await next(request, context)
    }

    /// - Parameter port: the port that received the request; nil for a Unix socket.
    /// - Throws: ``ServiceError`` 403 or 421.
    private func check(_ request: Request, port: Int?) throws {
        let fields = request.headers
        // The first Host is the authority; a second one remains among the fields.
        guard let host = request.head.authority?.lowercased(), matchesThisHost(host, port: port),
            !fields.contains(.secondHost)
        else { throw ServiceError.wrongHost }
        guard !Self.refusedFields.contains(where: fields.contains) else { throw ServiceError.fromBrowserOrProxy }
        // A browser reloads the status page by itself.
        let isStatusPage = request.uri.path == "/"
        if let site = fields[.secFetchSite], site != "none", !(isStatusPage && site == "same-origin") {
            throw ServiceError.fromBrowserOrProxy
        }
    }

    /// Whether a `Host` names this service: one of the public hosts, or one of this machine's own names with the port
    /// that received the request.
    private func matchesThisHost(_ host: String, port: Int?) -> Bool {
        if publicHosts.contains(host) { return true }
        guard let port else { return names.contains(host) }
        let ending = ":\(port)"
        return host.hasSuffix(ending)
            ? names.contains(String(host.dropLast(ending.count))) : port == defaultPort && names.contains(host)
    }
}

extension HTTPField.Name {
    /// Creates a field name that the package does not define. All are valid, so the fallback is never used.
    private static func known(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .via }

    static let secondHost = known("Host")
    static let referrerPolicy = known("Referrer-Policy")
    static let forwarded = known("Forwarded")
    static let xForwardedFor = known("X-Forwarded-For")
    static let xForwardedHost = known("X-Forwarded-Host")
    static let xForwardedProto = known("X-Forwarded-Proto")
    static let xRealIP = known("X-Real-IP")
    static let secFetchSite = known("Sec-Fetch-Site")
    static let larkTimestamp = known("X-Lark-Request-Timestamp")
    static let larkNonce = known("X-Lark-Request-Nonce")
    static let larkSignature = known("X-Lark-Signature")
}
